"""What hidden tests compare with looks at type, shape and finiteness first: none of the old tricks agrees."""

import importlib.util
from types import ModuleType

import numpy
import pytest
import torch

from grader.settings import CHECKOUT

EXPECTED = torch.tensor([[1.0, -2.0], [0.5, 0.0]])
NAN, INFINITE = float("nan"), float("inf")
NO_SUCH_TENSOR = {
    "NaN": torch.full((2, 2), NAN),
    "infinity": torch.full((2, 2), INFINITE),
    "NaN of half precision": torch.full((2, 2), NAN, dtype=torch.float16),
    "complex numbers": EXPECTED.to(torch.complex64),
    "booleans": torch.zeros(2, 2, dtype=torch.bool),
    "whole numbers": EXPECTED.long(),
    "a row": EXPECTED[:1],
    "no rows": torch.zeros(0, 2),
    "nothing that broadcasts": torch.zeros(0, 1, 1),
    "a scalar that broadcasts": torch.zeros(()),
    "another shape": EXPECTED.flatten(),
    "one dimension more": EXPECTED.unsqueeze(0),
    "other numbers": EXPECTED + 0.01,
    "an array": EXPECTED.numpy(),
    "a list": EXPECTED.tolist(),
    "a float": 0.0,
    "True": True,
    "None": None,
    "text": "right",
}
NO_SUCH_NUMBER = {
    "True": True,
    "a whole number": 1,
    "NaN": NAN,
    "infinity": INFINITE,
    "text": "1.0",
    "None": None,
    "a number of numpy's": numpy.float32(1),
    "a tensor with a dimension": torch.ones(1),
    "a tensor of NaN": torch.tensor(NAN),
    "a tensor of True": torch.tensor(True),
}
NO_SUCH_LOSSES = {
    "none": [],
    "NaN": [NAN] * 3,
    "infinity": [INFINITE] * 3,
    "negative": [-1.0] * 3,
    "too few": [1.0] * 2,
    "too many": [1.0] * 5,
    "True": [True] * 3,
    "no list": None,
}


@pytest.fixture(scope="module")
def checks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("nn_checks", CHECKOUT / "hidden_tests/nn/checks.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("got", NO_SUCH_TENSOR.values(), ids=NO_SUCH_TENSOR.keys())
def test_what_is_no_such_tensor_agrees_with_nothing(checks: ModuleType, got: object):
    assert checks.close(got, EXPECTED) is False
    assert checks.same(got, EXPECTED) is False


def test_the_right_numbers_agree(checks: ModuleType):
    assert checks.close(EXPECTED + 1e-7, EXPECTED) is True
    assert checks.close(EXPECTED.double(), EXPECTED) is True
    assert checks.same(EXPECTED.clone().requires_grad_(), EXPECTED) is True


@pytest.mark.parametrize("got", NO_SUCH_NUMBER.values(), ids=NO_SUCH_NUMBER.keys())
def test_only_a_float_or_a_scalar_tensor_is_a_number(checks: ModuleType, got: object):
    assert checks.is_number(got, 1.0) is False
    assert checks.begins_with([got], [1.0]) is False


@pytest.mark.parametrize("got", [1.0, torch.tensor(1.0)], ids=["float", "tensor"])
def test_a_number_is_one(checks: ModuleType, got: object):
    assert checks.is_number(got, 1.0) is True
    assert checks.begins_with([got, 7.0], [1.0]) is True
    assert checks.is_number(got, 2.0) is False


@pytest.mark.parametrize("got", NO_SUCH_LOSSES.values(), ids=NO_SUCH_LOSSES.keys())
def test_losses_are_as_many_finite_numbers_as_steps(checks: ModuleType, got: object):
    assert checks.are_losses(got, 3) is False
    assert checks.are_losses([0.5, torch.tensor(0.25), 0.0], 3) is True
