"""Sequential: every layer once, first to last, and the parameters of all of them."""

import diagnosis
import formulas
import pytest
import torch
from checks import close, draw_values
from diagnosis import affine_layer, explained
from g2c.nn import Linear, ReLU, Sequential

pytestmark = pytest.mark.group("sequential")

PARTS = (diagnosis.linear, diagnosis.relu, diagnosis.sequential)


@pytest.mark.explains("tests/test_nn.py::test_sequential_runs_layers_first_to_last")
def test_every_layer_runs_once_in_order(hint):
    x = torch.randn(3, 4)
    maps = [(scale, shift) for scale, shift in torch.randn(5, 2).tolist()]
    expected = x
    for scale, shift in maps:
        expected = (scale + 2) * expected + shift
    with explained(hint, diagnosis.sequential):
        model = Sequential(*(affine_layer(scale + 2, shift) for scale, shift in maps))
        assert close(model(x.clone()), expected)
        assert close(model.forward(x.clone()), expected)


@pytest.mark.explains("tests/test_nn.py::test_sequential_nested")
def test_nested_and_single_layers(hint):
    x = torch.randn(3, 4)
    with explained(hint, diagnosis.sequential):
        inner = Sequential(affine_layer(2.0, 1.0), affine_layer(-1.5, 0.5))
        assert close(Sequential(affine_layer(3.0, -1.0))(x.clone()), 3 * x - 1)
        assert close(inner(x.clone()), -1.5 * (2 * x + 1) + 0.5)
        assert close(
            Sequential(inner, affine_layer(3.0, -1.0))(x.clone()), 3 * (-1.5 * (2 * x + 1) + 0.5) - 1
        )


@pytest.mark.explains("tests/test_nn.py::test_sequential_parameters_in_layer_order")
def test_parameters_of_nested_layers_in_order(hint):
    with explained(hint, *PARTS):
        first, second, third = Linear(3, 4), Linear(4, 5), Linear(5, 2)
        model = Sequential(first, ReLU(), Sequential(ReLU(), Sequential(second)), third)
        wanted = [p for layer in (first, second, third) for p in (layer.W, layer.b)]
        found = list(model.parameters())
        assert len(found) == 6
        assert all(p is w for p, w in zip(found, wanted, strict=True))
        x = torch.randn(4, 3).abs()
        W1, b1, W2, b2, W3, b3 = draw_values(model)
        hidden = formulas.linear(formulas.linear(x, W1, b1).clamp(min=0), W2, b2)
        assert close(model(x.clone()), formulas.linear(hidden, W3, b3))


@pytest.mark.explains("tests/test_nn.py::test_sequential_gradients_reach_every_layer")
def test_gradients_reach_every_layer(hint):
    x, weights = torch.randn(6, 3), torch.randn(6, 2)
    with explained(hint, *PARTS):
        model = Sequential(Linear(3, 8), ReLU(), Linear(8, 2))
        values = [value.requires_grad_() for value in draw_values(model)]
        (formulas.mlp(values, x) * weights).sum().backward()
        output = model(x.clone())
        assert close(output, formulas.mlp(values, x).detach())
        (output * weights).sum().backward()
        found = list(model.parameters())
        assert len(found) == 4
        assert all(close(p.grad, value.grad) for p, value in zip(found, values, strict=True))
