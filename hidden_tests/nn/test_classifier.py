"""The small classifier: build it, train it on the full batch, measure its accuracy."""

import formulas
import pytest
import torch
from checks import all_close, are_losses, begins_with, close, draw_values, is_number, values_of
from data import circles
from diagnosis import PARTS, explained
from g2c.nn import Linear, ReLU, Sequential
from g2c.nn.train import accuracy_from_logits, build_2d_classifier, train_classifier
from training_diagnosis import builders, classifier

pytestmark = pytest.mark.group("classifier")


@pytest.mark.explains(
    "tests/test_nn.py::test_2d_classifier_layers",
    "tests/test_nn.py::test_2d_classifier_is_not_one_straight_line",
)
def test_2d_classifier_is_linear_relu_linear(hint):
    x = 3 * torch.randn(50, 2)
    with explained(hint, *PARTS, builders):
        for options, hidden in [({}, 16), ({"hidden": 5}, 5), ({"hidden": 40}, 40)]:
            model = build_2d_classifier(**options)
            values = draw_values(model)
            assert [tuple(value.shape) for value in values] == [(2, hidden), (hidden,), (hidden, 2), (2,)]
            assert close(model(x.clone()), formulas.mlp(values, x))


@pytest.mark.explains("tests/test_nn.py::test_accuracy_counts_right_answers")
@pytest.mark.exception_codes("shape-error")
def test_accuracy_from_logits():
    for rows, right in [(64, 61), (10, 3), (7, 0), (1, 1)]:
        targets = torch.randint(5, (rows,))
        answers = (targets + (torch.arange(rows) >= right)) % 5
        logits = torch.rand(rows, 5) - 3.0
        logits[torch.arange(rows), answers] += 2.0
        assert is_number(accuracy_from_logits(logits, targets), right / rows)


@pytest.mark.explains("tests/test_nn.py::test_classifier_learns_circles")
def test_training_takes_the_right_steps(hint):
    x, y = torch.randn(20, 4), torch.randint(3, (20,))
    with explained(hint, *PARTS, classifier):
        for steps, lr in [(5, 0.3), (2, 0.05)]:
            model = Sequential(Linear(4, 8), ReLU(), Linear(8, 3))
            start = draw_values(model)
            expected, trained = formulas.train(start, [(x, y)] * (steps + 1), lr)
            _, trained = formulas.train(start, [(x, y)] * steps, lr)
            losses = train_classifier(model, x.clone(), y.clone(), steps=steps, lr=lr)
            assert are_losses(losses, steps)
            assert begins_with(losses, expected[:steps]) or begins_with(losses, expected[1:])
            assert all_close(values_of(model), trained)


@pytest.mark.explains("tests/test_nn.py::test_classifier_applies_lr_and_weight_decay")
def test_training_decays_the_weights(hint):
    x, y = torch.randn(20, 4), torch.randint(3, (20,))
    with explained(hint, *PARTS, classifier):
        model = Sequential(Linear(4, 8), ReLU(), Linear(8, 3))
        start = draw_values(model)
        right = [
            formulas.train(start, [(x, y)] * 4, 0.2, weight_decay=0.3, step=step)[1]
            for step in (formulas.sgd_step, formulas.sgd_step_shrinking_last)
        ]
        train_classifier(model, x.clone(), y.clone(), steps=4, lr=0.2, weight_decay=0.3)
        assert any(all_close(values_of(model), trained) for trained in right)


def test_learns_circles(hint):
    x, y = circles(200)
    with explained(hint, *PARTS, builders, classifier):
        model = build_2d_classifier(hidden=32)
        losses = train_classifier(model, x.clone(), y.clone(), steps=300, lr=0.5)
        assert are_losses(losses, 300)
        logits = model(x.clone())
        assert float((logits.argmax(dim=1) == y).float().mean()) > 0.9
