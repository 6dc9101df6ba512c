"""The exercises of the notebook, run with the student's code; they draw the report's pictures."""

import pytest
import torch
import torch.nn.functional as F
from checks import are_losses, as_floats, is_number, is_tensor, numbers
from data import circles, few_noisy_points, moons, noisy_line
from diagnosis import PARTS, explained
from g2c.nn import Linear, ReLU, Sequential
from g2c.nn.train import build_2d_classifier, train_classifier, train_linear_regression
from training_diagnosis import builders, classifier, regression

pytestmark = pytest.mark.group("exercises")

GRID = 40


def logits_of(model, x):
    """Return the model's logits for x, or zeros (chance) where they are no finite numbers."""
    logits = model(x.clone())
    shape = (len(x), 2)
    return numbers(logits) if is_tensor(logits, shape) else torch.zeros(shape)


def accuracy(logits, y):
    return float((logits.argmax(dim=1) == y).float().mean())


def boundary(model, x, y):
    """Return what the report needs to draw where the model says class 1, and its accuracy."""
    low, high = x.min(dim=0).values - 0.2, x.max(dim=0).values + 0.2
    columns = torch.linspace(low[0], high[0], GRID)
    rows = torch.linspace(low[1], high[1], GRID)
    grid = torch.cartesian_prod(rows, columns).flip(1)  # row by row, from the lowest y up
    logits = logits_of(model, torch.cat([grid, x]))
    return {
        "x_min": float(low[0]),
        "x_max": float(high[0]),
        "y_min": float(low[1]),
        "y_max": float(high[1]),
        "grid": logits[: len(grid)].softmax(dim=1)[:, 1].reshape(GRID, GRID).tolist(),
        "points": [[*point, label] for point, label in zip(x.tolist(), y.tolist(), strict=True)],
        "accuracy": accuracy(logits[len(grid) :], y),
    }


def test_linear_regression(hint, record):
    x, y = noisy_line()
    with explained(hint, *PARTS, regression):
        model, losses = train_linear_regression(x.clone(), y.clone(), steps=500, lr=0.1)
        assert is_tensor(model.W, (1, 1))
        assert is_tensor(model.b, (1,))
        assert are_losses(losses, 500)
        W, b = numbers(model.W).reshape(()), numbers(model.b).reshape(())
        points = torch.cat([x, y], dim=1).tolist()
        record.picture(
            "linear_regression", {"points": points, "W": float(W), "b": float(b), "losses": as_floats(losses)}
        )
        assert is_number(W, 3, rtol=0, atol=0.05)
        assert is_number(b, 2, rtol=0, atol=0.05)


def test_circles_with_and_without_relu(hint, record):
    x, y = circles()
    with explained(hint, *PARTS, builders, classifier):
        bent = build_2d_classifier(hidden=16)
        losses = train_classifier(bent, x.clone(), y.clone(), steps=1000, lr=0.1)
        with_relu = boundary(bent, x, y)
        straight = Sequential(Linear(2, 16), Linear(16, 2))
        train_classifier(straight, x.clone(), y.clone(), steps=200, lr=0.1)
        without_relu = boundary(straight, x, y)
        record.picture("decision_boundary", {"with_relu": with_relu, "without_relu": without_relu})
        assert are_losses(losses, 1000)
        assert with_relu["accuracy"] > 0.9
        assert without_relu["accuracy"] < 0.7


def test_moons(hint, record):
    x, y = moons()
    with explained(hint, *PARTS, builders, classifier):
        model = build_2d_classifier(hidden=16)
        losses = train_classifier(model, x.clone(), y.clone(), steps=1000, lr=0.1)
        with_relu = boundary(model, x, y)
        record.picture("moons", {"with_relu": with_relu})
        assert are_losses(losses, 1000)
        assert with_relu["accuracy"] > 0.85


def curves(x, y, x_new, y_new, weight_decay):
    """Train a large net in rounds; return its losses on what it learns and on new points."""
    model = Sequential(Linear(20, 128), ReLU(), Linear(128, 2))
    train_loss, val_loss = [], []
    for _ in range(12):
        train_classifier(model, x.clone(), y.clone(), steps=40, lr=0.2, weight_decay=weight_decay)
        logits = logits_of(model, torch.cat([x, x_new]))
        train_loss.append(float(F.cross_entropy(logits[: len(x)], y)))
        val_loss.append(float(F.cross_entropy(logits[len(x) :], y_new)))
    return {"train_loss": train_loss, "val_loss": val_loss}


def test_overfitting_and_weight_decay(hint, record):
    x, y = few_noisy_points(40)
    x_new, y_new = few_noisy_points(400)
    with explained(hint, *PARTS, classifier):
        without = curves(x, y, x_new, y_new, weight_decay=0.0)
        decayed = curves(x, y, x_new, y_new, weight_decay=0.1)
        steps = [40 * (i + 1) for i in range(12)]
        record.picture("overfitting", {"steps": steps, "without_decay": without, "with_decay": decayed})
        gaps = [c["val_loss"][-1] - c["train_loss"][-1] for c in (without, decayed)]
        assert without["train_loss"][-1] < 0.1, "the net did not learn its points by heart"
        assert gaps[0] > 0.3, "without weight decay, the new points should be much harder"
        assert gaps[1] < 0.65 * gaps[0], "weight decay should bring the two curves together"
