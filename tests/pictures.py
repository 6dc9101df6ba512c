"""Pictures of a run, as data: with shapes and digits as a real run gives them."""

from __future__ import annotations

import base64
import copy
import functools
import math
import random
from typing import Any


def make_pictures() -> dict[str, Any]:
    """Return all pictures as a correct solution draws them."""
    return copy.deepcopy(_all_pictures())


@functools.cache  # drawing them takes longer than most tests
def _all_pictures() -> dict[str, Any]:
    steps = list(range(0, 1001, 10))
    decayed = [0.32 + 0.37 * math.exp(-step / 150) for step in steps]
    return {
        "digits": make_digits(wrong=(7, 22)),
        "linear_regression": {
            "points": [[x / 50 - 1, 3 * (x / 50 - 1) + 2 + 0.05 * math.sin(37 * x)] for x in range(100)],
            "W": 2.9936,
            "b": 2.0021,
            "losses": [0.0013 + 6.9 * math.exp(-step / 28) for step in range(500)],
        },
        "decision_boundary": {
            "with_relu": make_panel(lambda x, y: 9 * (0.72 - math.hypot(x, y * 1.03)), 0.9975, _circles()),
            "without_relu": make_panel(lambda x, y: 0.25 * x - 0.4 * y + 0.03, 0.5325, _circles()),
        },
        "moons": {
            "with_relu": make_panel(lambda x, y: 7 * (-0.5 * math.sin(2.6 * x) - y), 0.98, _moons(), 2.0)
        },
        "overfitting": {
            "steps": steps,
            "without_decay": {
                "train_loss": [0.69 * math.exp(-step / 120) + 0.002 for step in steps],
                "val_loss": [0.69 - 0.3 * (1 - math.exp(-step / 60)) + 0.0009 * step for step in steps],
            },
            "with_decay": {"train_loss": decayed, "val_loss": [loss * 1.06 + 0.015 for loss in decayed]},
        },
    }


def make_digits(wrong: tuple[int, ...]) -> dict[str, Any]:
    """Return 40 drawn digits; those numbered in `wrong` are read as the next digit up."""
    actual = [(3 * number + number // 10) % 10 for number in range(40)]
    return {
        "pixels": [
            base64.b64encode(_drawn_digit(digit, number)).decode() for number, digit in enumerate(actual)
        ],
        "predicted": [(digit + 1) % 10 if number in wrong else digit for number, digit in enumerate(actual)],
        "actual": actual,
    }


def make_panel(score: Any, accuracy: float, points: list[list[float]], reach: float = 1.4) -> dict[str, Any]:
    places = [-reach + 2 * reach * index / 39 for index in range(40)]
    grid = [[1 / (1 + math.exp(-score(x, y))) for x in places] for y in places]
    edges = {"x_min": -reach, "x_max": reach, "y_min": -reach, "y_max": reach}
    return {**edges, "grid": grid, "points": points, "accuracy": accuracy}


def _circles() -> list[list[float]]:
    draw = random.Random(5)
    points = []
    for number in range(400):
        angle, label = draw.uniform(0, 2 * math.pi), number % 2
        radius = (0.45 if label else 1.0) + draw.gauss(0, 0.08)
        points.append([radius * math.cos(angle), radius * math.sin(angle), label])
    return points


def _moons() -> list[list[float]]:
    draw = random.Random(6)
    points = []
    for number in range(400):
        angle, label = draw.uniform(0, math.pi), number % 2
        x, y = math.cos(angle), math.sin(angle)
        x, y = (x - 0.5, y - 0.25) if label == 0 else (0.5 - x, 0.25 - y)
        points.append([1.2 * x + draw.gauss(0, 0.1), 1.2 * y + draw.gauss(0, 0.1), label])
    return points


_SEGMENTS = {  # the bars of a seven-segment digit, as (x0, y0, x1, y1)
    "a": (9, 5, 18, 5), "b": (18, 5, 18, 13), "c": (18, 13, 18, 22), "d": (9, 22, 18, 22),
    "e": (9, 13, 9, 22), "f": (9, 5, 9, 13), "g": (9, 13, 18, 13),
}  # fmt: skip
_SEGMENTS_OF_DIGIT = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")


def _drawn_digit(digit: int, seed: int) -> bytes:
    slant = random.Random(seed).uniform(-0.05, 0.3)
    pixels = bytearray(28 * 28)
    for name in _SEGMENTS_OF_DIGIT[digit]:
        x0, y0, x1, y1 = _SEGMENTS[name]
        for step in range(41):
            y = y0 + (y1 - y0) * step / 40
            x = x0 + (x1 - x0) * step / 40 + slant * (14 - y)
            for row in range(int(y) - 1, int(y) + 3):
                for column in range(int(x) - 1, int(x) + 3):
                    strength = max(0.0, 1.6 - math.hypot(column - x, row - y)) / 1.6
                    pixels[row * 28 + column] = max(
                        pixels[row * 28 + column], int(255 * min(1, 1.4 * strength))
                    )
    return bytes(pixels)
