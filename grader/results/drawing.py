"""Results as markup for the pages: the report's parts and charts, in the look of the report."""

from __future__ import annotations

from markupsafe import Markup

from grader.judging.result import GradingResult
from grader.report import numbers
from grader.report.charts import Line, line_chart
from grader.report.html import Parts, mnist_charts, render_icons, render_line_chart, render_parts
from grader.results.history import History
from grader.results.live import Live
from grader.results.visibility import Filter, filtered

__all__ = ["Parts", "icons", "live_charts", "report_parts", "score_chart"]

_SCORE_TICKS = 4
_LEVEL = 3  # of a chart's heading: it stands right below a section's


def report_parts(whole: GradingResult, allowed: Filter) -> Parts:
    """Return the report's parts with what the filter lets through."""
    return render_parts(filtered(whole, allowed), times_rounded=not allowed.is_staff)


def live_charts(live: Live, threshold: float | None) -> Markup:
    """Return the curves of the timed run as far as it has come, empty before its first epoch."""
    charts = mnist_charts(live.epochs, live.reference_epochs, threshold, live.epochs_total)
    return Markup("").join(render_line_chart(chart, _LEVEL) for chart in charts)


def score_chart(history: History) -> Markup:
    """Return the scores by attempt as a chart, empty where there are fewer than two."""
    graded = history.graded
    if len(graded) < 2:
        return Markup("")
    most = max(attempt.max_score or 0.0 for attempt in graded) or 1.0
    chart = line_chart(
        "scores",
        "Your scores",
        "attempt",
        [float(attempt.number) for attempt in graded],
        [Line("score", "student", [attempt.score for attempt in graded])],
        show=numbers.points,
        y_ticks=[most * step / _SCORE_TICKS for step in range(_SCORE_TICKS + 1)],
    )
    return Markup("") if chart is None else render_line_chart(chart, _LEVEL)


def icons() -> Markup:
    """Return the icons that the parts refer to; a page has them once."""
    return render_icons()
