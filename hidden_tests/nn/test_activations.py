"""ReLU, Tanh and Sigmoid: element by element, no parameters, the input stays as it is."""

import diagnosis
import pytest
import torch
from checks import close, same
from diagnosis import explained
from g2c.nn import ReLU, Sigmoid, Tanh

pytestmark = pytest.mark.group("activations")


def relu():
    return diagnosis.activation(ReLU(), torch.relu)


def tanh():
    return diagnosis.activation(Tanh(), torch.tanh)


def sigmoid():
    return diagnosis.activation(Sigmoid(), torch.sigmoid)


def has_values_and_gradient(layer, function):
    """Whether the layer computes this function and its derivative, on inputs of several shapes."""
    for shape in [(7,), (5, 6), (2, 3, 4)]:
        x = 2 * torch.randn(shape)
        x = torch.where(x.abs() < 0.01, torch.ones(shape), x)  # ReLU has no derivative at zero
        weights = torch.randn(shape)
        wanted = x.clone().requires_grad_()
        (function(wanted) * weights).sum().backward()
        given = x.clone().requires_grad_()
        got = layer(given)
        if not close(got, function(x)):
            return False
        (got * weights).sum().backward()
        if not close(given.grad, wanted.grad):
            return False
    return True


def leaves_input_alone(layer):
    x = 3 * torch.randn(6, 5)
    given = x.clone()
    got = layer(given)
    return isinstance(got, torch.Tensor) and got is not given and same(given, x)


@pytest.mark.explains(
    "tests/test_nn.py::test_relu_clips_negative_numbers", "tests/test_nn.py::test_relu_gradient"
)
def test_relu_values_and_gradient(hint):
    with explained(hint, relu):
        assert has_values_and_gradient(ReLU(), torch.relu)


@pytest.mark.explains("tests/test_nn.py::test_relu_leaves_its_input_alone")
def test_relu_leaves_its_input_alone(hint):
    with explained(hint, relu):
        assert leaves_input_alone(ReLU())


def test_relu_far_from_zero(hint):
    x = torch.tensor([[-1000.0, 1000.0], [1e-3, -1e-3]])
    with explained(hint, relu):
        layer = ReLU()
        assert close(layer(x.clone()), torch.tensor([[0.0, 1000.0], [1e-3, 0.0]]), atol=1e-7)
        assert list(layer.parameters()) == []


@pytest.mark.explains("tests/test_nn.py::test_tanh_values")
def test_tanh_values_and_gradient(hint):
    with explained(hint, tanh):
        assert has_values_and_gradient(Tanh(), torch.tanh)
        assert leaves_input_alone(Tanh())


@pytest.mark.explains("tests/test_nn.py::test_tanh_is_finite_far_from_zero")
def test_tanh_far_from_zero(hint):
    x = torch.tensor([[-1000.0, -90.0, -20.0, 20.0, 90.0, 1000.0]])
    with explained(hint, tanh):
        assert close(Tanh()(x.clone()), torch.tensor([[-1.0, -1.0, -1.0, 1.0, 1.0, 1.0]]))


@pytest.mark.explains("tests/test_nn.py::test_sigmoid_values")
def test_sigmoid_values_and_gradient(hint):
    with explained(hint, sigmoid):
        assert has_values_and_gradient(Sigmoid(), torch.sigmoid)
        assert leaves_input_alone(Sigmoid())


@pytest.mark.explains("tests/test_nn.py::test_sigmoid_is_finite_far_from_zero")
def test_sigmoid_far_from_zero(hint):
    x = torch.tensor([[-1000.0, -90.0, -20.0, 20.0, 90.0, 1000.0]])
    with explained(hint, sigmoid):
        assert close(Sigmoid()(x.clone()), torch.tensor([[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]]))
