"""Linear: y = x W + b."""

import diagnosis
import pytest
import torch
from checks import close, is_tensor, same
from diagnosis import explained, starts_uniform
from g2c.nn import Linear

pytestmark = pytest.mark.group("linear")


def linear_with(W, b):
    layer = Linear(*W.shape)
    layer.W.data, layer.b.data = W.clone(), b.clone()
    return layer


@pytest.mark.explains("tests/test_nn.py::test_linear_hand_computed")
def test_forward_is_x_W_plus_b(hint):
    with explained(hint, diagnosis.linear):
        for batch, inputs, outputs in [(1, 3, 2), (5, 3, 2), (3, 2, 5), (2, 1, 1), (40, 20, 30)]:
            x, W, b = torch.randn(batch, inputs), torch.randn(inputs, outputs), torch.randn(outputs)
            expected = x @ W + b
            given = x.clone()
            assert close(linear_with(W, b)(given), expected)
            assert same(given, x), "the input was changed"


@pytest.mark.explains("tests/test_nn.py::test_linear_bias_goes_to_outputs_not_to_rows")
def test_bias_has_one_number_per_output(hint):
    # As many rows as outputs: a bias along the wrong axis raises no error here.
    x, W, b = torch.randn(4, 4), torch.randn(4, 4), torch.randn(4)
    expected = x @ W + b
    with explained(hint, diagnosis.linear):
        layer = linear_with(W, b)
        assert close(layer(x.clone()), expected)
        assert close(layer.forward(x.clone()), expected)


@pytest.mark.explains(
    "tests/test_nn.py::test_linear_gradients", "tests/test_nn.py::test_linear_parameters_ask_for_gradients"
)
def test_gradients_of_W_b_and_x(hint):
    x, W, b, weights = torch.randn(6, 4), torch.randn(4, 3), torch.randn(3), torch.randn(6, 3)
    with explained(hint, diagnosis.linear):
        layer, given = linear_with(W, b), x.clone().requires_grad_()
        (layer(given) * weights).sum().backward()
        assert close(layer.W.grad, x.T @ weights)
        assert close(layer.b.grad, weights.sum(dim=0))
        assert close(given.grad, weights @ W.T)


@pytest.mark.explains(
    "tests/test_nn.py::test_linear_shapes_of_W_and_b",
    "tests/test_nn.py::test_linear_starts_with_small_weights_and_zero_bias",
)
def test_untrained_layer_starts_uniform_with_zero_bias(hint):
    x = torch.randn(5, 64)
    with explained(hint, diagnosis.linear):
        layer = Linear(64, 128)
        assert is_tensor(layer.W, (64, 128))
        assert starts_uniform(layer.W, bound=1 / 8)
        assert starts_uniform(Linear(25, 200).W, bound=1 / 5)
        assert close(layer.b, torch.zeros(128))
        W = torch.randn(64, 128)
        layer.W.data = W.clone()
        assert close(layer(x.clone()), x @ W)


def test_parameters_are_what_forward_uses(hint):
    x, W, b = torch.randn(5, 4), torch.randn(4, 2), torch.randn(2)
    with explained(hint, diagnosis.linear):
        layer = Linear(4, 2)
        weights, bias = layer.parameters()
        weights.data, bias.data = W.clone(), b.clone()
        assert weights.requires_grad is True
        assert bias.requires_grad is True
        assert close(layer(x.clone()), x @ W + b)
