"""Probes of the training helpers; each relies on `diagnosis.PARTS` being sound."""

import formulas
import torch
from checks import all_close, are_losses, as_floats, close, is_number, numbers, same, set_values, values_of
from data import images
from diagnosis import UNCLEAR
from g2c.nn import SGD, CrossEntropyLoss, Linear, Module, ReLU, Sequential
from g2c.nn.train import (
    build_2d_classifier,
    build_mnist_mlp,
    evaluate_accuracy,
    train_classifier,
    train_linear_regression,
    train_one_epoch,
)

MISTAKEN_LOOPS = {
    "zero-grad-missing": {"accumulate": True},
    "loss-sum-not-mean": {"summed": True},
    "softmax-then-log": {"squashed": True},
}
"""Code → how `formulas.train` makes this mistake."""


def regression():
    # With x centred on zero, b learns by itself: b ← b - 2 lr (b - mean of y), starting at 0.
    x = torch.linspace(-1, 1, 10).unsqueeze(1)
    y = 3 * x + 2

    def trained(steps, lr):
        model, losses = train_linear_regression(x.clone(), y.clone(), steps=steps, lr=lr)
        if not are_losses(losses, steps):
            raise ValueError("not the losses of these steps")
        return float(numbers(model.W)), float(numbers(model.b))

    rates = {lr: trained(1, lr)[1] / 4 for lr in (0.01, 0.02)}
    if all(rate == 0 for rate in rates.values()):
        # Training that goes astray still ends in the same W every time; no training doesn't.
        return UNCLEAR if is_number(trained(400, 0.1)[0], trained(400, 0.1)[0]) else "model-not-trained"
    if abs(rates[0.01]) > 0.001 and is_number(rates[0.01], rates[0.02], atol=1e-6):
        return "lr-ignored"
    if all(is_number(rate, 10 * lr) for lr, rate in rates.items()):
        return "loss-sum-not-mean"
    if not all(is_number(rate, lr) for lr, rate in rates.items()):
        return "diverged" if regression_explodes(x, y) else UNCLEAR
    if is_number(trained(2, 0.02)[1], 0.08 + 0.0768 + 0.08):
        return "zero-grad-missing"
    W, b = trained(400, 0.1)
    if is_number(b, 2, atol=0.01) and is_number(W, 0, atol=0.01):
        return "shape-error"  # every prediction was compared with every target: (N,) against (N, 1)
    return None if is_number(b, 2, atol=0.01) and is_number(W, 3, atol=0.01) else UNCLEAR


def regression_explodes(x, y):
    """Whether the losses grow without end in a training that should go well."""
    _, losses = train_linear_regression(x.clone(), y.clone(), steps=100, lr=0.1)
    losses = as_floats(losses)
    return len(losses) >= 100 and not losses[99] < 1000 * losses[0]


def classifier():
    x, y = torch.randn(12, 2), torch.randint(2, (12,))
    start = values_of(Sequential(Linear(2, 5), ReLU(), Linear(5, 2)))
    batches = [(x, y)] * 3

    def trained(lr, **options):
        model = Sequential(Linear(2, 5), ReLU(), Linear(5, 2))
        set_values(model, start)
        train_classifier(model, x.clone(), y.clone(), steps=3, lr=lr, **options)
        return values_of(model)

    def expected(lr, **options):
        return formulas.train(start, batches, lr, **options)[1]

    slow, fast, decayed = trained(0.05), trained(0.4), trained(0.4, weight_decay=0.3)
    if all_close(slow, start) and all_close(fast, start):
        only_decayed = [value * (1 - 0.4 * 0.3) ** 3 for value in start]
        untrained = all_close(decayed, start) or all_close(decayed, only_decayed)
        return "model-not-trained" if untrained else UNCLEAR
    if all_close(slow, fast):
        return "lr-ignored"
    for code, mistake in MISTAKEN_LOOPS.items():
        if all_close(fast, expected(0.4, **mistake)) and all_close(slow, expected(0.05, **mistake)):
            return code
    if not (all_close(fast, expected(0.4)) and all_close(slow, expected(0.05))):
        return UNCLEAR
    for code, steps in formulas.MISTAKEN_DECAY.items():
        if any(all_close(decayed, expected(0.4, weight_decay=0.3, step=step)) for step in steps):
            return code
    return None if all_close(decayed, expected(0.4, weight_decay=0.3)) else UNCLEAR


def builders():
    for build, inputs, outputs in ((build_2d_classifier, 2, 2), (build_mnist_mlp, 784, 10)):
        model, again = build(hidden=32), build(hidden=32)
        values = values_of(model)
        # Not fresh, though Linear itself is sound: the same numbers every time, and too large ones.
        if all_close(values, values_of(again)) and float(values[0].abs().max()) > 1.01 * inputs**-0.5:
            return "pretrained-weights"
        if [value.dim() for value in values] != [2, 1, 2, 1] or values[0].shape != (inputs, 32):
            return UNCLEAR
        if values[3].shape != (outputs,):
            return "shape-error"
        x = 3 * torch.randn(8, inputs)
        W1, b1, W2, b2 = values
        got = model(x)
        straight = formulas.linear(formulas.linear(x, W1, b1), W2, b2)
        if close(got, straight, rtol=1e-3, atol=1e-3):
            return "nonlinearity-missing"
        early = formulas.linear(formulas.linear(x.clamp(min=0), W1, b1), W2, b2)
        late = straight.clamp(min=0)
        if any(close(got, wrong, rtol=1e-3, atol=1e-3) for wrong in (early, late)):
            return "layer-order"
        logits = formulas.mlp(values, x)
        squashed = (logits.softmax(dim=1), logits.sigmoid(), logits.tanh())
        if any(close(got, wrong, rtol=1e-3, atol=1e-3) for wrong in squashed):
            return "softmax-then-log"
        if not close(got, logits, rtol=1e-3, atol=1e-3):
            return UNCLEAR
    return None


def uneven_batches():
    """Return three batches of faint images: two of six in class 0 and one of three in class 3."""
    sizes_and_classes = ((6, 0), (6, 0), (3, 3))
    return [(0.1 * torch.rand(n, 1, 28, 28), torch.full((n,), label)) for n, label in sizes_and_classes]


def believer_in_class_0():
    """Return the values of a Linear(784, 4) that is right about class 0 and wrong about the rest.

    On `uneven_batches` it has two small losses and a large one, so the ways to average them are
    far apart.
    """
    return [0.03 * torch.randn(784, 4), torch.tensor([2.0, 0.0, 0.0, 0.0])]


def epoch():
    batches, start = uneven_batches(), believer_in_class_0()
    flat = [(images.flatten(start_dim=1), labels) for images, labels in batches]

    def trained(lr):
        model = Linear(784, 4)
        set_values(model, start)
        loader = [(images.clone(), labels.clone()) for images, labels in batches]
        loss = train_one_epoch(model, loader, SGD(model.parameters(), lr=lr), CrossEntropyLoss())
        return loss, values_of(model)

    slow_loss, slow = trained(0.1)
    fast_loss, fast = trained(0.4)
    if all_close(slow, fast):
        if ships_weights():
            return "pretrained-weights"
        return "model-not-trained" if all_close(slow, start) else "lr-ignored"
    for code, mistake in MISTAKEN_LOOPS.items():
        if all_close(fast, formulas.train(start, flat, lr=0.4, **mistake)[1]):
            return code
    slow_losses, _ = formulas.train(start, flat, lr=0.1)
    fast_losses, trained_fast = formulas.train(start, flat, lr=0.4)
    if not all_close(fast, trained_fast):
        return UNCLEAR
    for code, average in AVERAGES:
        averages = average(*slow_losses), average(*fast_losses)
        if is_number(slow_loss, averages[0], rtol=1e-3) and is_number(fast_loss, averages[1], rtol=1e-3):
            return "pretrained-weights" if code is None and ships_weights() else code
    return UNCLEAR


AVERAGES = (
    (None, lambda a, b, c: (6 * a + 6 * b + 3 * c) / 15),
    ("epoch-loss-unweighted", lambda a, b, c: (a + b + c) / 3),
    ("epoch-loss-unweighted", lambda a, b, c: (a + b + c) / 15),
    ("epoch-loss-last-batch", lambda a, b, c: c),
    ("loss-sum-not-mean", lambda a, b, c: 6 * a + 6 * b + 3 * c),
    ("loss-sum-not-mean", lambda a, b, c: a + b + c),
)
"""(code, None for the right one; what it makes of the losses of `uneven_batches`)"""


def ships_weights():
    """Whether two nets that were built apart and saw different images end up the same."""
    models = [build_mnist_mlp(hidden=128) for _ in range(2)]
    for model in models:
        train_one_epoch(model, images(4), SGD(model.parameters(), lr=0.1), CrossEntropyLoss())
    first, second = (values_of(model) for model in models)
    return all(same(one, other) for one, other in zip(first, second, strict=True))


class ReadsOffTheCorner(Module):
    """A net of the tests' own: the first four pixels of a flat image are its logits."""

    def forward(self, x):
        if x.dim() != 2:
            raise RuntimeError("shapes cannot be multiplied: this net wants flat images, (B, 784)")
        return x[:, :4]


def batches_with_right_answers(*counts):
    """Return batches for `ReadsOffTheCorner`, given (size, right answers) for each."""
    batches = []
    for size, right in counts:
        labels = torch.randint(4, (size,))
        answers = (labels + (torch.arange(size) >= right)) % 4
        pixels = torch.zeros(size, 1, 28, 28)
        pixels[torch.arange(size), 0, 0, answers] = 1.0
        batches.append((pixels, labels))
    return batches


def evaluation():
    batches = batches_with_right_answers((6, 5), (6, 4), (3, 0))
    got = evaluate_accuracy(ReadsOffTheCorner(), batches)
    if is_number(got, (5 / 6 + 4 / 6 + 0) / 3):
        return "accuracy-batch-mean"
    return None if is_number(got, 9 / 15) else UNCLEAR
