"""The MNIST helpers: the net, one epoch of training, accuracy over a loader."""

import formulas
import pytest
import torch
import torch.nn.functional as F
from checks import all_close, close, draw_values, is_number, set_values, values_of
from data import images
from diagnosis import PARTS, explained, starts_uniform
from g2c.nn import SGD, CrossEntropyLoss, Linear, Module, ReLU, Sequential
from g2c.nn.train import build_mnist_mlp, evaluate_accuracy, train_one_epoch
from training_diagnosis import (
    ReadsOffTheCorner,
    batches_with_right_answers,
    believer_in_class_0,
    builders,
    epoch,
    evaluation,
    uneven_batches,
)

pytestmark = pytest.mark.group("mnist_training")


class StandingStill:
    """An optimizer of the tests' own that only counts its steps."""

    def __init__(self):
        self.steps = 0

    def zero_grad(self):
        pass

    def step(self):
        self.steps += 1


class ThirdOfCrossEntropy(Module):
    """A loss of the tests' own."""

    def forward(self, logits, targets):
        return F.cross_entropy(logits, targets) / 3


def flat(batches):
    return [(pixels.flatten(start_dim=1), labels) for pixels, labels in batches]


def copies(batches):
    return [(pixels.clone(), labels.clone()) for pixels, labels in batches]


@pytest.mark.explains(
    "tests/test_nn.py::test_mnist_mlp_layers", "tests/test_nn.py::test_mnist_mlp_with_and_without_relu"
)
def test_mnist_mlp_with_and_without_relu(hint):
    x = torch.randn(20, 784)
    with explained(hint, *PARTS, builders):
        for options, hidden in [({}, 128), ({"hidden": 30}, 30)]:
            shapes = [(784, hidden), (hidden,), (hidden, 10), (10,)]
            model, straight = build_mnist_mlp(**options), build_mnist_mlp(**options, use_relu=False)
            values = draw_values(model)
            assert [tuple(value.shape) for value in values] == shapes
            assert close(model(x.clone()), formulas.mlp(values, x), rtol=1e-3, atol=1e-3)
            W1, b1, W2, b2 = draw_values(straight)
            assert close(straight(x.clone()), (x @ W1 + b1) @ W2 + b2, rtol=1e-3, atol=1e-3)


def test_mnist_mlp_starts_untrained(hint):
    x = torch.randn(4, 784)
    with explained(hint, *PARTS, builders):
        model = build_mnist_mlp(hidden=128)
        W1, b1, W2, b2 = values_of(model)
        assert starts_uniform(W1, bound=784**-0.5)
        assert close(b1, torch.zeros(128))
        assert float(W2.abs().max()) <= 1.0001 * 128**-0.5
        assert close(b2, torch.zeros(10))
        values = draw_values(model)
        assert close(model(x.clone()), formulas.mlp(values, x), rtol=1e-3, atol=1e-3)


@pytest.mark.explains(
    "tests/test_nn.py::test_epoch_flattens_the_images",
    "tests/test_nn.py::test_epoch_takes_one_step_per_batch",
    "tests/test_nn.py::test_epoch_after_epoch_learns_stripes",
)
def test_epoch_takes_one_right_step_per_batch(hint):
    batches = images(5, 8, 8, 2)
    with explained(hint, *PARTS, epoch):
        for lr in (0.002, 0.01):
            model = Sequential(Linear(784, 128), ReLU(), Linear(128, 10))
            _, trained = formulas.train(draw_values(model), flat(batches), lr)
            train_one_epoch(model, copies(batches), SGD(model.parameters(), lr=lr), CrossEntropyLoss())
            assert all_close(values_of(model), trained)


@pytest.mark.explains("tests/test_nn.py::test_epoch_returns_the_mean_loss_per_image")
def test_epoch_returns_the_mean_loss_per_image(hint):
    batches, start = uneven_batches(), believer_in_class_0()
    losses, _ = formulas.train(start, flat(batches), lr=0.1)
    expected = (6 * losses[0] + 6 * losses[1] + 3 * losses[2]) / 15
    with explained(hint, *PARTS, epoch):
        model = Linear(784, 4)
        set_values(model, start)
        loss = train_one_epoch(model, copies(batches), SGD(model.parameters(), lr=0.1), CrossEntropyLoss())
        assert is_number(loss, expected, rtol=1e-3)


def test_epoch_uses_the_optimizer_and_the_loss_it_is_given(hint):
    batches, start = uneven_batches(), believer_in_class_0()
    losses, _ = formulas.train(start, flat(batches), lr=0.0)
    expected = (6 * losses[0] + 6 * losses[1] + 3 * losses[2]) / 15 / 3
    with explained(hint, *PARTS, epoch):
        model, optimizer = Linear(784, 4), StandingStill()
        set_values(model, start)
        loss = train_one_epoch(model, copies(batches), optimizer, ThirdOfCrossEntropy())
        assert is_number(loss, expected, rtol=1e-3)
        assert optimizer.steps == 3
        assert all_close(values_of(model), start)


@pytest.mark.explains("tests/test_nn.py::test_evaluate_accuracy_counts_images_not_batches")
def test_accuracy_counts_every_image_once(hint):
    with explained(hint, evaluation):
        for counts in [((4, 3),), ((6, 5), (6, 4), (3, 0)), ((2, 2), (10, 1)), ((5, 0), (5, 0))]:
            right, total = sum(count[1] for count in counts), sum(count[0] for count in counts)
            got = evaluate_accuracy(ReadsOffTheCorner(), batches_with_right_answers(*counts))
            assert is_number(got, right / total)


def test_accuracy_is_that_of_the_loader_it_is_given(hint):
    with explained(hint, *PARTS, epoch):
        train_one_epoch(Linear(784, 4), images(6, 6, 3), StandingStill(), ThirdOfCrossEntropy())
        for right in (1, 4):
            got = evaluate_accuracy(ReadsOffTheCorner(), batches_with_right_answers((4, right), (4, 0)))
            assert is_number(got, right / 8)


@pytest.mark.explains("tests/test_nn.py::test_evaluate_accuracy_does_not_train")
def test_evaluating_does_not_train(hint):
    batches = images(6, 6, 3)
    with explained(hint, *PARTS, evaluation):
        model = Sequential(Linear(784, 12), ReLU(), Linear(12, 4))
        start = draw_values(model)
        answers = [formulas.mlp(start, pixels).argmax(dim=1) == labels for pixels, labels in flat(batches)]
        got = evaluate_accuracy(model, copies(batches))
        assert is_number(got, float(torch.cat(answers).float().mean()))
        assert all_close(values_of(model), start, rtol=0, atol=0)
