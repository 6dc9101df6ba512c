"""train_linear_regression: Linear, MSELoss and SGD find a line."""

import pytest
import torch
from checks import are_losses, as_floats, begins_with, is_number, is_tensor, numbers
from diagnosis import PARTS, explained
from g2c.nn.train import train_linear_regression
from training_diagnosis import regression

pytestmark = pytest.mark.group("regression")


@pytest.mark.explains("tests/test_nn.py::test_regression_finds_the_line")
def test_finds_any_line(hint):
    slope, intercept = (4 * torch.rand(2) - 2).tolist()
    x = torch.linspace(-1, 1, 60).unsqueeze(1)
    noise = 0.01 * torch.randn(60, 1)
    y = slope * x + intercept + noise
    with explained(hint, *PARTS, regression):
        model, losses = train_linear_regression(x.clone(), y.clone(), steps=400, lr=0.1)
        assert is_tensor(model.W, (1, 1))
        assert is_tensor(model.b, (1,))
        assert is_number(numbers(model.W).reshape(()), slope, atol=0.02)
        assert is_number(numbers(model.b).reshape(()), intercept, atol=0.02)
        assert are_losses(losses, 400)
        assert max(as_floats(losses)[-50:]) < 0.001


@pytest.mark.explains("tests/test_nn.py::test_regression_uses_steps_and_lr")
def test_takes_the_steps_and_the_lr_it_is_given(hint):
    # With x centred on zero, b moves the share 2·lr of its way to the mean of y in every step.
    goal = 1.0 + float(torch.rand(()))
    x = torch.linspace(-1, 1, 20).unsqueeze(1)
    with explained(hint, *PARTS, regression):
        for steps, lr in [(1, 0.1), (2, 0.1), (3, 0.02), (7, 0.3)]:
            model, losses = train_linear_regression(x.clone(), goal - 2 * x, steps=steps, lr=lr)
            assert are_losses(losses, steps)
            assert is_number(numbers(model.b).reshape(()), goal * (1 - (1 - 2 * lr) ** steps))


def test_losses_are_those_of_the_steps(hint):
    # From the trained W and b, go back step by step: the losses on the way are known.
    x = torch.linspace(-1, 1, 20).unsqueeze(1)
    y = 3 * x + 2
    spread = float(x.square().mean())
    with explained(hint, *PARTS, regression):
        model, losses = train_linear_regression(x.clone(), y.clone(), steps=4, lr=0.1)
        assert are_losses(losses, 4)
        W_error, b_error = (float(numbers(p).reshape(())) - goal for p, goal in [(model.W, 3), (model.b, 2)])
        expected = []
        for _ in range(5):
            expected.insert(0, spread * W_error**2 + b_error**2)
            W_error, b_error = W_error / (1 - 0.2 * spread), b_error / 0.8
        assert begins_with(losses, expected[:4]) or begins_with(losses, expected[1:])
