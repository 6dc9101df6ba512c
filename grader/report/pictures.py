"""The data that pictures are drawn from, checked before anything is drawn.

`GradingResult.pictures` maps a name to plain data; the names and fields are documented in
`report.schema.json`. The numbers come in part from a student's program, so each reader here
takes `object`, keeps what is sound and gives None where there is nothing fit to draw: a
report without a picture says so in a sentence.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from grader.report.numbers import finite

DIGIT_SIDE = 28
MAX_DIGITS = 40
MAX_POINTS = 600
MAX_GRID_SIDE = 100
MAX_CURVE = 5000
_FAR = 1e6  # a coordinate beyond this is no coordinate of these exercises


@dataclass(frozen=True)
class Digit:
    """One test image (28 × 28 grey bytes), the student's answer and the label; answers are 0 to 9 or None."""

    pixels: bytes
    predicted: int | None
    actual: int

    @property
    def right(self) -> bool:
        """Whether the answer is the label."""
        return self.predicted == self.actual


@dataclass(frozen=True)
class Boundary:
    """Probability of class 1 over a rectangle (`grid[row][column]`, row 0 at `y_min`), and the data in it."""

    x_min: float
    x_max: float
    y_min: float
    y_max: float
    grid: tuple[tuple[float | None, ...], ...]
    points: tuple[tuple[float, float, int], ...]
    accuracy: float | None


@dataclass(frozen=True)
class Curves:
    """What one training run logged at each step; None where the value was not finite."""

    train_loss: tuple[float | None, ...]
    val_loss: tuple[float | None, ...]


@dataclass(frozen=True)
class Overfitting:
    """The same training twice: without and with weight decay."""

    steps: tuple[float, ...]
    without_decay: Curves
    with_decay: Curves


@dataclass(frozen=True)
class LinearFit:
    """The fitted line y = W x + b over its data, and the loss at each step."""

    points: tuple[tuple[float, float], ...]
    weight: float
    bias: float
    losses: tuple[float | None, ...]


def read_digits(data: object) -> tuple[Digit, ...]:
    """Return the test digits of the picture "digits", at most 40; damaged ones are left out."""
    fields = _mapping(data)
    columns = (_list(fields.get(name))[:MAX_DIGITS] for name in ("pixels", "predicted", "actual"))
    digits = []
    for pixels, predicted, actual in zip(*columns, strict=False):
        image, label = _image(pixels), finite(actual, 0, 9)
        if image is not None and label is not None:
            answer = finite(predicted, 0, 9)
            digits.append(Digit(image, None if answer is None else int(answer), int(label)))
    return tuple(digits)


def read_boundary(data: object) -> Boundary | None:
    """Return one panel of "decision_boundary" or "moons"."""
    fields = _mapping(data)
    edges = [finite(fields.get(name), -_FAR, _FAR) for name in ("x_min", "x_max", "y_min", "y_max")]
    rows = [_numbers(row, MAX_GRID_SIDE) for row in _list(fields.get("grid"))[:MAX_GRID_SIDE]]
    rectangular = len(rows) > 1 and len(rows[0]) > 1 and all(len(row) == len(rows[0]) for row in rows)
    x_min, x_max, y_min, y_max = edges
    if x_min is None or x_max is None or y_min is None or y_max is None or not rectangular:
        return None
    if x_min >= x_max or y_min >= y_max:
        return None
    grid = tuple(tuple(finite(value, 0.0, 1.0) for value in row) for row in rows)
    points = tuple(
        (point[0], point[1], int(point[2]))
        for point in _points(fields.get("points"), 3)
        if x_min <= point[0] <= x_max and y_min <= point[1] <= y_max and point[2] in (0.0, 1.0)
    )
    return Boundary(x_min, x_max, y_min, y_max, grid, points, finite(fields.get("accuracy"), 0.0, 1.0))


def read_overfitting(data: object) -> Overfitting | None:
    """Return the picture "overfitting"."""
    fields = _mapping(data)
    steps = _numbers(fields.get("steps"), MAX_CURVE)
    known = tuple(step for step in steps if step is not None)
    if len(known) < 2 or len(known) != len(steps):
        return None
    without_decay = _curves(fields.get("without_decay"), len(known))
    with_decay = _curves(fields.get("with_decay"), len(known))
    if without_decay is None or with_decay is None:
        return None
    return Overfitting(known, without_decay, with_decay)


def read_linear_fit(data: object) -> LinearFit | None:
    """Return the picture "linear_regression"."""
    fields = _mapping(data)
    weight, bias = finite(fields.get("W"), -_FAR, _FAR), finite(fields.get("b"), -_FAR, _FAR)
    points = tuple((point[0], point[1]) for point in _points(fields.get("points"), 2))
    if weight is None or bias is None or len(points) < 2:
        return None
    return LinearFit(points, weight, bias, _numbers(fields.get("losses"), MAX_CURVE))


def _mapping(data: object) -> Mapping[object, object]:
    return data if isinstance(data, Mapping) else {}


def _list(data: object) -> list[object]:
    return list(data) if isinstance(data, (list, tuple)) else []


def _numbers(data: object, longest: int) -> tuple[float | None, ...]:
    return tuple(finite(value) for value in _list(data)[:longest])


def _points(data: object, width: int) -> list[tuple[float, ...]]:
    points = []
    for item in _list(data)[:MAX_POINTS]:
        known = [
            number for value in _list(item)[:width] if (number := finite(value, -_FAR, _FAR)) is not None
        ]
        if len(known) == width:
            points.append(tuple(known))
    return points


def _curves(data: object, length: int) -> Curves | None:
    fields = _mapping(data)
    train_loss = _numbers(fields.get("train_loss"), length)
    val_loss = _numbers(fields.get("val_loss"), length)
    if len(train_loss) < length or len(val_loss) < length:
        return None
    return Curves(train_loss, val_loss)


def _image(data: object) -> bytes | None:
    if not isinstance(data, str) or len(data) > 2 * DIGIT_SIDE * DIGIT_SIDE:
        return None
    try:
        pixels = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
    return pixels if len(pixels) == DIGIT_SIDE * DIGIT_SIDE else None
