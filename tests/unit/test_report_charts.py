"""Charts put numbers where they belong, and leave a gap where there is none."""

import base64
import itertools
import struct
import zlib

import pytest

from grader.report import charts
from grader.report.boundary_chart import SIDE, boundary_chart
from grader.report.pictures import Boundary, LinearFit
from grader.report.png import grey_data_uri


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 1.0, [0.0, 0.25, 0.5, 0.75, 1.0]),
        (0.087, 0.61, [0.0, 0.2, 0.4, 0.6, 0.8]),
        (-1.0, 5.0, [-2.0, 0.0, 2.0, 4.0, 6.0]),
    ],
)
def test_ticks_are_round_and_enclose_the_values(low, high, ticks):
    assert charts.nice_ticks(low, high) == ticks


def test_a_missing_value_breaks_the_line():
    chart = charts.line_chart(
        "id", "title", "epoch", [1, 2, 3, 4], [charts.Line("yours", "student", [0.1, None, 0.3, 0.4])]
    )
    assert chart is not None
    assert chart.lines[0].path.count("M") == 2
    assert chart.lines[0].path.count("L") == 1
    assert len(chart.lines[0].markers) == 3
    assert chart.table.rows[1] == ("2", "–")


def test_higher_values_are_drawn_higher_and_inside():
    chart = charts.line_chart("id", "t", "x", [0, 1], [charts.Line("a", "student", [0.0, 5.0])])
    assert chart is not None
    (_, y_low), (_, y_high) = chart.lines[0].markers
    assert chart.top <= y_high < y_low <= chart.bottom


@pytest.mark.parametrize("highest", [0.493, 0.61, 1.29, 3.0, 77.0])
def test_ticks_are_evenly_spaced(highest):
    chart = charts.line_chart("id", "t", "x", [0, 1], [charts.Line("a", "student", [0.09, highest])])
    assert chart is not None
    positions = [position for position, _ in chart.y_ticks]
    steps = [lower - upper for lower, upper in itertools.pairwise(positions)]
    assert steps == pytest.approx([steps[0]] * len(steps), abs=0.05)
    assert (positions[0], positions[-1]) == (chart.bottom, chart.top)


def test_each_of_few_steps_is_labelled_and_round_ones_of_many():
    few, many = [1, 2, 3, 4, 5], [40 * number for number in range(1, 13)]
    labels = []
    for xs in (few, many):
        chart = charts.line_chart("id", "t", "x", xs, [charts.Line("a", "student", xs)])
        assert chart is not None
        labels.append([label for _, label in chart.x_ticks])
    assert labels == [["1", "2", "3", "4", "5"], ["200", "400"]]


def test_no_numbers_no_chart():
    assert charts.line_chart("id", "t", "x", [1, 2], [charts.Line("a", "student", [None, None])]) is None
    assert charts.line_chart("id", "t", "x", [], [charts.Line("a", "student", [])]) is None


def test_equal_values_make_a_flat_line():
    chart = charts.line_chart("id", "t", "x", [1, 2], [charts.Line("a", "student", [0.5, 0.5])])
    assert chart is not None
    assert chart.lines[0].markers[0][1] == chart.lines[0].markers[1][1]


def test_long_curves_are_thinned_but_keep_both_ends():
    chart = charts.line_chart("id", "t", "step", range(5000), [charts.Line("a", "student", range(5000))])
    assert chart is not None
    assert len(chart.lines[0].path.split(" L")) <= 240
    assert (chart.table.rows[0][0], chart.table.rows[-1][0]) == ("0", "4999")
    assert len(chart.table.rows) == 25


def test_a_fit_through_one_x_is_drawn():
    assert charts.fit_chart("fit", LinearFit(((1.0, 2.0), (1.0, 2.0)), 3.0, -1.0, ())).lines[0].path


def test_bars_share_one_scale_with_the_limit():
    bars = charts.bar_pair(40.0, 10.0, 3.0)
    assert bars is not None
    assert bars.over
    assert bars.student == pytest.approx(4 * bars.reference, rel=1e-3)
    assert bars.limit == pytest.approx(3 * bars.reference, rel=1e-3)


@pytest.mark.parametrize(
    "times", [(float("nan"), 1.0, 3.0), (1.0, 0.0, 3.0), (1.0, None, 3.0), (1.0, 1.0, None)]
)
def test_unknown_times_make_no_bars(times):
    assert charts.bar_pair(*times) is None


def test_the_tie_lies_between_the_classes():
    """Class 1 is the right half, so the tie is the vertical line in the middle."""
    row = (0.0, 0.0, 1.0, 1.0)
    chart = boundary_chart("id", "t", Boundary(0, 1, 0, 1, (row,) * 4, ((0.1, 0.9, 0), (0.9, 0.1, 1)), 1.0))
    xs = {float(spot.split()[0]) for part in chart.tie.split("M")[1:] for spot in part.split("L")}
    assert xs == {SIDE / 2}
    assert chart.class_0 == ((0.1 * SIDE, 0.1 * SIDE),)
    assert "50.0 %" in chart.description


def test_png_holds_the_pixels():
    uri = grey_data_uri(bytes(range(6)), width=3)
    png = base64.b64decode(uri.removeprefix("data:image/png;base64,"))
    assert struct.unpack(">II", png[16:24]) == (3, 2)
    body = png[png.index(b"IDAT") + 4 : png.index(b"IEND") - 8]
    assert zlib.decompress(body) == b"\0\0\1\2\0\3\4\5"
