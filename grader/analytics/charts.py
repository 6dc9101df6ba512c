"""Geometry of the analytics' charts, beside those of reports: numbers in, positions in a drawing out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.analytics.pass_rates import Count
from grader.analytics.scores import Bin
from grader.report import numbers
from grader.report.charts import HEIGHT, WIDTH, Axis, Table, nice_ticks, value_ticks

_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 396.0, 22.0, 196.0
_GAP = 0.14  # of a bar's place, on either side
_MOST_NUMBERED = 24  # bars that have room for their number
_SCATTER_WIDTH = 480.0
_STRIP_WIDTH, _STRIP_HEIGHT, _STRIP_MARGIN = 168.0, 16.0, 6.0
_LINE_WIDTH, _LINE_HEIGHT, _LINE_MARGIN = 150.0, 34.0, 5.0


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram, with its number above it and its label, if any, below."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    name: str
    label: str
    count: int


@dataclass(frozen=True)
class BarChart:
    """A histogram. Ticks are (position, label)."""

    id: str
    title: str
    description: str
    x_label: str
    bars: tuple[Bar, ...]
    y_ticks: tuple[tuple[float, str], ...]
    are_numbered: bool
    table: Table
    width: float = WIDTH
    height: float = HEIGHT
    left: float = _LEFT
    right: float = _RIGHT
    bottom: float = _BOTTOM


def bar_chart(id: str, title: str, x_label: str, bins: Sequence[Bin], counted: str) -> BarChart | None:
    """Return the bins as a histogram, None if all are empty; `counted` says what there are so many of."""
    most = max((each.count for each in bins), default=0)
    if not most:
        return None
    ticks = [tick for tick in nice_ticks(0.0, float(most)) if tick == int(tick)]
    y_axis = Axis(0.0, max(ticks[-1], float(most)), _BOTTOM, _TOP)
    place = (_RIGHT - _LEFT) / len(bins)
    bars = tuple(
        Bar(
            round(_LEFT + place * (number + _GAP), 2),
            y_axis.at(each.count),
            round(place * (1 - 2 * _GAP), 2),
            round(_BOTTOM - y_axis.at(each.count), 2),
            round(_LEFT + place * (number + 0.5), 2),
            each.name,
            each.label,
            each.count,
        )
        for number, each in enumerate(bins)
    )
    highest = max(bins, key=lambda each: each.count)
    return BarChart(
        id,
        title,
        f"{sum(each.count for each in bins)} {counted}; most, {highest.count}, at {highest.name}.",
        x_label,
        bars,
        tuple((y_axis.at(tick), f"{tick:.0f}") for tick in ticks),
        len(bins) <= _MOST_NUMBERED,
        Table((x_label, counted), tuple((each.name, str(each.count)) for each in bins)),
    )


@dataclass(frozen=True)
class Dot:
    """One point; `says` is what it shows, in words."""

    x: float
    y: float
    says: str


@dataclass(frozen=True)
class Scatter:
    """Points with the reference among them; `rule_x` and `rule_y` are limits, as (position, label)."""

    dots: tuple[Dot, ...]
    reference: Dot | None
    rule_x: tuple[float, str] | None
    rule_y: tuple[float, str] | None
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    width: float = _SCATTER_WIDTH
    height: float = 300.0
    left: float = 64.0
    right: float = _SCATTER_WIDTH - 12
    top: float = 14.0
    bottom: float = 254.0


def scatter(
    points: Sequence[tuple[float, float, str]],
    reference: tuple[float, float, str] | None,
    max_x: float | None,
    min_y: float | None,
) -> Scatter | None:
    """Return the points (x, accuracy, words) as a drawing, None if there are none.

    `max_x` and `min_y` are what must be kept to, drawn where known.
    """
    if not points:
        return None
    marked = [*points, *([] if reference is None else [reference])]
    rule_x = None if max_x is None else (max_x, f"at most {numbers.ratio(max_x)}")
    rule_y = None if min_y is None else (min_y, f"at least {numbers.percent(min_y)}")
    x_ticks = value_ticks([[0.0], [x for x, _, _ in marked]], rule_x)
    y_ticks = [tick for tick in value_ticks([[y for _, y, _ in marked]], rule_y) if tick <= 1.0]
    x_axis = Axis(x_ticks[0], x_ticks[-1], Scatter.left, Scatter.right)
    y_axis = Axis(y_ticks[0], y_ticks[-1], Scatter.bottom, Scatter.top)

    def dot(point: tuple[float, float, str]) -> Dot:
        return Dot(x_axis.at(point[0]), y_axis.at(point[1]), point[2])

    return Scatter(
        tuple(dot(point) for point in points),
        None if reference is None else dot(reference),
        None if rule_x is None else (x_axis.at(rule_x[0]), rule_x[1]),
        None if rule_y is None else (y_axis.at(rule_y[0]), rule_y[1]),
        tuple((x_axis.at(tick), f"{tick:g} ×") for tick in x_ticks),
        tuple((y_axis.at(tick), numbers.percent(tick)) for tick in y_ticks),
    )


@dataclass(frozen=True)
class Strip:
    """Two shares on a line from none to all: an open ring before, a filled dot now."""

    before: float | None
    now: float
    start: float = _STRIP_MARGIN
    end: float = _STRIP_WIDTH - _STRIP_MARGIN
    middle: float = _STRIP_HEIGHT / 2
    width: float = _STRIP_WIDTH
    height: float = _STRIP_HEIGHT


def strip(before: Count, now: Count) -> Strip:
    """Return the shares as positions in a table's cell."""
    axis = Axis(0.0, 1.0, Strip.start, Strip.end)
    return Strip(None if before.share is None else axis.at(before.share), axis.at(now.share or 0.0))


@dataclass(frozen=True)
class Sparkline:
    """A share over time for a table's cell; `deadline` is its place on the time axis, if within."""

    path: str
    end: tuple[float, float] | None
    deadline: float | None
    top: float = _LINE_MARGIN
    bottom: float = _LINE_HEIGHT - _LINE_MARGIN
    width: float = _LINE_WIDTH
    height: float = _LINE_HEIGHT


def sparkline(days: Sequence[float], shares: Sequence[float | None], has_deadline: bool) -> Sparkline:
    """Return shares (0 to 1) by day as a line; day 0 is the deadline, if there is one."""
    if not days:
        return Sparkline("", None, None)
    last = days[-1] if days[-1] > days[0] else days[0] + 1
    x_axis = Axis(days[0], last, _LINE_MARGIN, _LINE_WIDTH - _LINE_MARGIN)
    y_axis = Axis(0.0, 1.0, Sparkline.bottom, Sparkline.top)
    spots = [
        (x_axis.at(day), y_axis.at(share))
        for day, share in zip(days, shares, strict=True)
        if share is not None
    ]
    path = " ".join(f"{'L' if number else 'M'}{x} {y}" for number, (x, y) in enumerate(spots))
    is_within = has_deadline and days[0] < 0 < days[-1]
    return Sparkline(path, spots[-1] if spots else None, x_axis.at(0.0) if is_within else None)
