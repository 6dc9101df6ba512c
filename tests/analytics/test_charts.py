"""Drawings of the analytics hold what they are given."""

from grader.analytics import charts
from grader.analytics.pass_rates import Count
from grader.analytics.scores import Bin


def test_bars_are_as_high_as_they_count():
    chart = charts.bar_chart(
        "id", "Title", "points", [Bin("a", 1, "a"), Bin("b", 0, ""), Bin("c", 2, "c")], "students"
    )
    assert chart is not None
    one, none, two = chart.bars
    assert none.height == 0
    assert two.height == 2 * one.height > 0
    assert one.x + one.width < none.x
    assert chart.table.rows == (("a", "1"), ("b", "0"), ("c", "2"))
    assert charts.bar_chart("id", "Title", "points", [Bin("a", 0, "a")], "students") is None


def test_points_and_limits_stay_within_the_drawing():
    drawn = charts.scatter([(0.5, 0.9, "Ada"), (8.0, 0.1, "Ben")], (1.0, 0.97, "reference"), 3.0, 0.95)
    assert drawn is not None
    assert drawn.reference is not None
    assert drawn.rule_x is not None
    for dot in (*drawn.dots, drawn.reference):
        assert drawn.left <= dot.x <= drawn.right
        assert drawn.top <= dot.y <= drawn.bottom
    assert drawn.dots[0].x < drawn.reference.x < drawn.rule_x[0] < drawn.dots[1].x
    assert charts.scatter([], None, 3.0, 0.95) is None


def test_strips_and_lines_have_gaps_where_nothing_is_known():
    assert charts.strip(Count(), Count(1, 2)).before is None
    drawn = charts.sparkline([-1.0, 0.0, 1.0], [None, 0.0, 1.0], has_deadline=True)
    assert drawn.path.count("M") == drawn.path.count("L") == 1
    assert drawn.deadline is not None
    assert charts.sparkline([], [], has_deadline=True).path == ""
