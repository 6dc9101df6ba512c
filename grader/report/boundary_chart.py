"""Geometry of a decision boundary: a shaded square, the line where the classes tie, and the data."""

from __future__ import annotations

from dataclasses import dataclass

from grader.report import numbers
from grader.report.charts import Axis, Table
from grader.report.pictures import Boundary
from grader.report.png import rgba_data_uri

SIDE = 240.0
_CLASS_0_RGB, _CLASS_1_RGB = (38, 108, 178), (214, 120, 20)
_STRONGEST_SHADE = 150  # of 255, so that the page's own background shows through, light or dark
_TIE = 0.5


@dataclass(frozen=True)
class BoundaryChart:
    """One panel. `image` is a picture of the shades; the classes are equally likely along the path `tie`."""

    id: str
    title: str
    description: str
    image: str
    tie: str
    class_0: tuple[tuple[float, float], ...]
    class_1: tuple[tuple[float, float], ...]
    accuracy: str
    table: Table
    side: float = SIDE


def boundary_chart(id: str, title: str, boundary: Boundary) -> BoundaryChart:
    """Return the drawing of one decision boundary."""
    x_axis = Axis(boundary.x_min, boundary.x_max, 0.0, SIDE)
    y_axis = Axis(boundary.y_min, boundary.y_max, SIDE, 0.0)
    spots = [(x_axis.at(x), y_axis.at(y), label) for x, y, label in boundary.points]
    known = [value for row in boundary.grid for value in row if value is not None]
    class_1_share = sum(value > _TIE for value in known) / len(known) if known else None
    accuracy = numbers.percent(boundary.accuracy)
    return BoundaryChart(
        id,
        title,
        f"{len(spots)} points of two classes; the network gets {accuracy} of them right "
        f"and gives {numbers.percent(class_1_share)} of the area to class 1.",
        rgba_data_uri(_shades(boundary), len(boundary.grid[0])),
        _tie_path(boundary),
        tuple((x, y) for x, y, label in spots if label == 0),
        tuple((x, y) for x, y, label in spots if label == 1),
        accuracy,
        Table(
            ("", "value"),
            (
                ("points", str(len(spots))),
                ("classified right", accuracy),
                ("area given to class 1", numbers.percent(class_1_share)),
            ),
        ),
    )


def _shades(boundary: Boundary) -> bytes:
    pixels = bytearray()
    for row in reversed(boundary.grid):  # a picture's first row is at the top
        for value in row:
            lean = 0.0 if value is None else value - _TIE
            pixels += bytes(_CLASS_1_RGB if lean > 0 else _CLASS_0_RGB)
            pixels.append(round(2 * abs(lean) * _STRONGEST_SHADE))
    return bytes(pixels)


def _tie_path(boundary: Boundary) -> str:
    """Walk the cells between neighbouring samples; in each, join the edges where the tie crosses."""
    grid = boundary.grid
    row_height, column_width = SIDE / len(grid), SIDE / len(grid[0])  # a sample is the middle of its pixel
    segments = []
    for row in range(len(grid) - 1):
        for column in range(len(grid[0]) - 1):
            corners = [
                (grid[row][column], column, row),
                (grid[row][column + 1], column + 1, row),
                (grid[row + 1][column + 1], column + 1, row + 1),
                (grid[row + 1][column], column, row + 1),
            ]
            crossings = []
            for (value, x, y), (next_value, next_x, next_y) in zip(
                corners, corners[1:] + corners[:1], strict=True
            ):
                if value is None or next_value is None or (value > _TIE) == (next_value > _TIE):
                    continue
                share = (_TIE - value) / (next_value - value)
                across = (x + share * (next_x - x) + 0.5) * column_width
                up = (y + share * (next_y - y) + 0.5) * row_height
                crossings.append(f"{across:.1f} {SIDE - up:.1f}")
            segments += [
                f"M{start} L{end}" for start, end in zip(crossings[::2], crossings[1::2], strict=False)
            ]
    return " ".join(segments)
