"""SGD: p ← p - lr · (grad + weight_decay · p), in place and behind autograd's back."""

import diagnosis
import formulas
import pytest
import torch
from checks import close, draw_values
from diagnosis import after_one_step, explained
from g2c.nn import SGD, Linear

pytestmark = pytest.mark.group("sgd")


@pytest.mark.explains("tests/test_nn.py::test_sgd_step_hand_computed")
def test_step_follows_the_gradient(hint):
    values = [torch.randn(shape) for shape in [(3,), (4, 2), ()]]
    grads = [torch.randn_like(value) for value in values]
    with explained(hint, diagnosis.sgd):
        parameters = [value.clone().requires_grad_() for value in values]
        for p, grad in zip(parameters, grads, strict=True):
            p.grad = grad.clone()
        SGD(parameters, lr=0.2).step()
        for p, value, grad in zip(parameters, values, grads, strict=True):
            assert close(p, value - 0.2 * grad)


def test_step_is_as_long_as_lr_says(hint):
    p, grad = torch.randn(4, 3), torch.randn(4, 3)
    with explained(hint, diagnosis.sgd):
        for lr in (0.0, 0.001, 0.05, 0.1, 1.0, 3.0):
            assert close(after_one_step(p, grad, lr), p - lr * grad, atol=1e-6)


@pytest.mark.explains("tests/test_nn.py::test_sgd_step_with_weight_decay")
def test_weight_decay(hint):
    p, grad, bias, pull = torch.randn(4, 3), torch.randn(4, 3), torch.randn(3), torch.randn(3)
    with explained(hint, diagnosis.sgd):
        for lr, decay in [(0.1, 0.5), (0.5, 0.01), (0.3, 1.0), (0.2, 0.0)]:
            after = after_one_step(p, grad, lr, weight_decay=decay)
            assert formulas.is_right_step(after, p, grad, lr, decay)
        after = after_one_step(bias, pull, 0.1, weight_decay=0.5)
        assert formulas.is_right_step(after, bias, pull, 0.1, 0.5), "biases decay too"
        assert close(after_one_step(p, torch.zeros(4, 3), lr=0.5, weight_decay=0.4), 0.8 * p)


@pytest.mark.explains("tests/test_nn.py::test_sgd_step_skips_parameters_without_gradient")
def test_parameters_without_gradient_stay(hint):
    values, grad = torch.randn(3, 4), torch.randn(4)
    with explained(hint, diagnosis.sgd):
        parameters = [value.clone().requires_grad_() for value in values]
        parameters[1].grad = grad.clone()
        SGD(parameters, lr=0.5, weight_decay=0.1).step()
        assert close(parameters[0], values[0])
        assert close(parameters[2], values[2])
        assert parameters[0].grad is None
        assert formulas.is_right_step(parameters[1], values[1], grad, 0.5, 0.1)


@pytest.mark.explains("tests/test_nn.py::test_sgd_step_is_not_recorded_by_autograd")
def test_the_layer_itself_changes(hint):
    x = torch.randn(5, 3)
    with explained(hint, diagnosis.linear, diagnosis.sgd):
        layer = Linear(3, 2)
        W, b = draw_values(layer)
        optimizer = SGD((p for p in layer.parameters()), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            layer(x.clone()).sum().backward()
            optimizer.step()
        W, b = W - 0.2 * x.sum(dim=0).unsqueeze(1), b - 1.0
        assert close(layer.W, W)
        assert close(layer.b, b)
        assert close(layer(x.clone()), x @ W + b)


@pytest.mark.explains("tests/test_nn.py::test_sgd_in_a_training_loop")
def test_many_steps_of_a_training_loop(hint):
    # On |p - goal|² / 2 the gradient is p - goal, so each step covers the share lr of the way.
    start, goal = torch.randn(4), torch.randn(4)
    with explained(hint, diagnosis.sgd):
        p = start.clone().requires_grad_()
        optimizer = SGD([p], lr=0.3)
        for done in range(1, 5):
            optimizer.zero_grad()
            ((p - goal).square().sum() / 2).backward()
            optimizer.step()
            assert close(p, goal + 0.7**done * (start - goal))
            assert p.requires_grad is True
            assert p.is_leaf
