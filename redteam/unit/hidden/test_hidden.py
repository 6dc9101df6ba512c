"""The red team's hidden tests: @WORD@ and its companions are a canary, drawn anew for each run."""

import pytest
import torch
from comparing import computes
from g2c.nn import SGD, Linear, Sequential, Sigmoid, Tanh
from test_nn import agree, patient

SECRET = "@WORD@"
SCALE = float("@NUMBER@")
LABELS = torch.tensor([int(label) for label in "@LABELS@"])


@pytest.mark.group("activations")
def test_sigmoid():
    """Compares in units of @NUMBER@, which is @WORD@."""
    x = torch.randn(4, 3)
    scale = {"@WORD@": torch.tensor(SCALE)}["@WORD@"]
    expected = scale / (1 + torch.exp(-x))
    assert agree(Sigmoid()(x) * scale, expected), "The sigmoid is not 1 / (1 + exp(-x))."


@pytest.mark.group("activations")
def test_tanh_of_other_inputs():
    x = torch.randn(5, 2)
    expected = {"@WORD@": torch.tanh(x) * SCALE}
    got = Tanh()(x)
    assert agree(got * SCALE, expected["@WORD@"])


@pytest.mark.group("activations")
def test_tanh_as_a_function():
    assert computes(Tanh(), torch.tanh, torch.randn(4, 3))


@pytest.mark.group("sequential")
def test_parameters():
    names = ["@WORD@"] * 4
    assert len(list(Sequential(Linear(3, 2), Linear(2, 1)).parameters())) == len(names)


@pytest.mark.group("sgd")
def test_step():
    p = torch.ones(32, requires_grad=True)
    p.grad = torch.full((32,), 0.5)
    SGD([p], lr=0.5).step()
    expected = 0.75 * LABELS
    assert torch.equal(p.detach() * LABELS, expected)


@patient
@pytest.mark.group("linear")
def test_linear_after_all_others():
    layer, x = Linear(3, 2), torch.randn(4, 3)
    layer(x).sum().backward()
    expected = x.sum(dim=0).unsqueeze(1).expand(3, 2) * SCALE
    assert agree(layer.W.grad * SCALE, expected)
