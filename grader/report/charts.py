"""Geometry of the report's charts: numbers in, positions in a drawing out.

Nothing here knows colours or markup: a template draws the positions, CSS gives the look, and
each chart carries the table of its numbers for readers who can't use the drawing. A value of
None is a gap in a line. Lengths are in the units of the SVG's viewBox.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from grader.report import numbers
from grader.report.pictures import LinearFit

WIDTH, HEIGHT = 400.0, 236.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 390.0, 12.0, 196.0
_MAX_DRAWN = 240
_MAX_TABLE_ROWS = 25
_MAX_MARKED = 12
_MAX_LABELLED = 8

Values = Sequence[float | None]


@dataclass(frozen=True)
class Line:
    """One curve to draw: `style` names its look ("student", "reference", "train", "validation")."""

    name: str
    style: str
    values: Values


@dataclass(frozen=True)
class DrawnLine:
    """A curve as an SVG path, with a marker at each point when there are few."""

    name: str
    style: str
    path: str
    markers: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Table:
    """The numbers behind a chart, ready to show."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class LineChart:
    """Curves over a common x axis. Ticks are (position, label); `rule` is a horizontal (y, label)."""

    id: str
    title: str
    description: str
    x_label: str
    lines: tuple[DrawnLine, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    rule: tuple[float, str] | None
    dots: tuple[tuple[float, float], ...]
    table: Table
    width: float = WIDTH
    height: float = HEIGHT
    left: float = _LEFT
    right: float = _RIGHT
    top: float = _TOP
    bottom: float = _BOTTOM


@dataclass(frozen=True)
class Axis:
    """Maps values from [low, high] to positions from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the position of `value`, kept within the axis."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + min(1.0, max(0.0, share)) * (self.end - self.start), 2)


def line_chart(
    id: str,
    title: str,
    x_label: str,
    xs: Sequence[float],
    lines: Sequence[Line],
    show: Callable[[object], str] = numbers.decimal,
    y_ticks: Sequence[float] | None = None,
    rule: tuple[float, str] | None = None,
) -> LineChart | None:
    """Return the chart of `lines` over `xs`, or None where no line has a value.

    `show` writes a y value as text; `y_ticks` fixes the y axis, for charts that are compared.
    """
    ticks = y_ticks or value_ticks([line.values for line in lines], rule)
    if not xs or not ticks:
        return None
    x_axis = Axis(min(xs), max(xs) if max(xs) > min(xs) else min(xs) + 1, _LEFT + 8, _RIGHT - 8)
    y_axis = Axis(ticks[0], ticks[-1], _BOTTOM, _TOP)
    kept = _sampled(len(xs), _MAX_DRAWN)
    return LineChart(
        id,
        title,
        _describe(lines, show),
        x_label,
        tuple(_draw(line, xs, kept, x_axis, y_axis) for line in lines),
        tuple((x_axis.at(x), f"{x:g}") for x in _x_ticks(xs)),
        tuple((y_axis.at(y), show(y)) for y in ticks),
        None if rule is None else (y_axis.at(rule[0]), rule[1]),
        (),
        _table(x_label, xs, lines, show),
    )


def fit_chart(id: str, fit: LinearFit) -> LineChart:
    """Return the data of the linear regression as dots, with the fitted line through them."""
    xs = [point[0] for point in fit.points]
    ends = [min(xs), max(xs)]
    fitted = Line("the fitted line", "student", [fit.weight * x + fit.bias for x in ends])
    ticks = value_ticks([[point[1] for point in fit.points], fitted.values])
    x_axis = Axis(ends[0], ends[1] if ends[1] > ends[0] else ends[0] + 1, _LEFT + 8, _RIGHT - 8)
    y_axis = Axis(ticks[0], ticks[-1], _BOTTOM, _TOP)
    equation = f"y = {fit.weight:.3f} x {'−' if fit.bias < 0 else '+'} {abs(fit.bias):.3f}"
    return LineChart(
        id,
        "The data and the fitted line",
        f"{len(fit.points)} points and the line {equation}.",
        "x",
        (replace(_draw(fitted, ends, [0, 1], x_axis, y_axis), markers=()),),
        tuple((x_axis.at(x), f"{x:g}") for x in nice_ticks(ends[0], ends[1], inside=True)),
        tuple((y_axis.at(y), f"{y:g}") for y in ticks),
        None,
        tuple((x_axis.at(x), y_axis.at(y)) for x, y in fit.points),
        Table(("", "fitted"), (("W", f"{fit.weight:.4f}"), ("b", f"{fit.bias:.4f}"))),
    )


@dataclass(frozen=True)
class BarPair:
    """Two horizontal bars to one scale and the limit that the first must not pass. Lengths are 0 to 1."""

    student: float
    reference: float
    limit: float
    over: bool


def bar_pair(student_s: object, reference_s: object, max_ratio: object) -> BarPair | None:
    """Return the CPU times as bars, or None unless both are known and positive."""
    student, reference = numbers.finite(student_s, 0.0), numbers.finite(reference_s, 0.0)
    allowed = numbers.finite(max_ratio, 0.0)
    if student is None or allowed is None or not reference or not allowed:
        return None
    longest = max(student, reference * allowed) * 1.04
    return BarPair(
        round(student / longest, 4),
        round(reference / longest, 4),
        round(reference * allowed / longest, 4),
        student > reference * allowed,
    )


def value_ticks(curves: Sequence[Values], rule: tuple[float, str] | None = None) -> list[float]:
    """Return round numbers that enclose all values (and the rule); [] where there are none."""
    known = [value for values in curves for value in values if value is not None]
    if not known:
        return []
    known += [] if rule is None else [rule[0]]
    low, high = min(known), max(known)
    if high - low < 1e-9 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    return nice_ticks(low, high)


def nice_ticks(low: float, high: float, inside: bool = False, about: int = 5) -> list[float]:
    """Return some `about` round numbers that enclose [low, high], or lie within it."""
    raw = (high - low) / (about - 1) if high > low else 1.0
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(size * magnitude for size in (1, 2, 2.5, 5, 10) if size * magnitude >= raw * 0.999)
    first = math.ceil(low / step - 1e-9) if inside else math.floor(low / step + 1e-9)
    last = math.floor(high / step + 1e-9) if inside else math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _x_ticks(xs: Sequence[float]) -> list[float]:
    if len(xs) <= _MAX_LABELLED:
        return list(xs)
    return nice_ticks(min(xs), max(xs), inside=True)


def _sampled(length: int, most: int) -> list[int]:
    if length <= most:
        return list(range(length))
    return sorted({round(index * (length - 1) / (most - 1)) for index in range(most)})


def _draw(line: Line, xs: Sequence[float], kept: Sequence[int], x_axis: Axis, y_axis: Axis) -> DrawnLine:
    path, spots, pen_down = [], [], False
    for index in kept:
        value = line.values[index] if index < len(line.values) else None
        if value is None:
            pen_down = False
            continue
        spot = (x_axis.at(xs[index]), y_axis.at(value))
        path.append(f"{'L' if pen_down else 'M'}{spot[0]} {spot[1]}")
        spots.append(spot)
        pen_down = True
    return DrawnLine(line.name, line.style, " ".join(path), tuple(spots) if len(xs) <= _MAX_MARKED else ())


def _describe(lines: Sequence[Line], show: Callable[[object], str]) -> str:
    sentences = []
    for line in lines:
        known = [value for value in line.values if value is not None]
        if known:
            sentences.append(f"{line.name}: from {show(known[0])} to {show(known[-1])}.")
        else:
            sentences.append(f"{line.name}: no numbers.")
    return " ".join(sentences)


def _table(x_label: str, xs: Sequence[float], lines: Sequence[Line], show: Callable[[object], str]) -> Table:
    rows = []
    for index in _sampled(len(xs), _MAX_TABLE_ROWS):
        values = (line.values[index] if index < len(line.values) else None for line in lines)
        rows.append((f"{xs[index]:g}", *(show(value) for value in values)))
    return Table((x_label, *(line.name for line in lines)), tuple(rows))
