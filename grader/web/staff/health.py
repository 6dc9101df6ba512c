"""The queue: what waits and runs now, who works on it, how the last day went, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import render_template
from markupsafe import Markup

from grader.analytics.last_day import HOUR, HOURS, Hour, last_day
from grader.analytics.problems import problem_runs
from grader.db.base import now
from grader.db.models import Role, TaskKind
from grader.jobs.waiting_line import waiting_line
from grader.report import numbers
from grader.report.charts import Line, LineChart, line_chart, value_ticks
from grader.report.html import render_line_chart
from grader.service.living import living_workers
from grader.web.access import require_course
from grader.web.service import reading
from grader.web.staff import blueprint

LEAST_TOP = 4.0  # hand-ins, or seconds: an axis of few must not say the same number twice
TASK_WORDS = {TaskKind.GATE: "admission gate", TaskKind.SIMILARITY: "similarity"}


@blueprint.get("/courses/<course>/queue", endpoint="health")
def show_queue(course: str) -> str:
    """Show the queue to staff: hand-ins of their own course by name, of others only how many."""
    access = require_course(course, at_least=Role.TA)
    at = now()
    day = last_day(reading(), at)
    problems = problem_runs(reading(), access.course.id)
    workers = sorted(living_workers(reading()), key=lambda worker: (worker.host, worker.pid))
    return render_template(
        "staff/health.html",
        course=access.course,
        access=access,
        at=at,
        line=waiting_line(reading(), access.course.id),
        workers=workers,
        hosts={worker.id: worker.host for worker in workers},
        problems=problems,
        recent_problems=sum(at - run.queued_at < HOURS * HOUR for run in problems),
        graded=sum(hour.graded for hour in day),
        charts=_charts(day),
        task_words=TASK_WORDS,
        since=lambda moment: length((at - moment).total_seconds()),
        length=length,
    )


def length(seconds: object) -> str:
    """Return a time in seconds as `12 s`, `3 min 5 s` or `2 h 4 min`: exactly enough for staff."""
    number = numbers.finite(seconds)
    if number is None:
        return numbers.MISSING
    minutes, rest_s = divmod(max(0, round(number)), 60)
    hours, rest_min = divmod(minutes, 60)
    days, rest_h = divmod(hours, 24)
    if days:
        return f"{days} d {rest_h} h"
    if hours:
        return f"{hours} h {rest_min} min"
    return f"{minutes} min {rest_s} s" if minutes else f"{rest_s} s"


def _charts(day: Sequence[Hour]) -> Markup:
    """Return the day as two charts, without those that would be empty."""
    hours = [float(-hour.ago) for hour in day]
    drawn: list[LineChart | None] = []
    if any(hour.came or hour.graded for hour in day):
        lines = [
            Line("came in", "student", [hour.came for hour in day]),
            Line("graded", "reference", [hour.graded for hour in day]),
        ]
        drawn.append(_chart("per-hour", "Hand-ins per hour", "hours from now", hours, lines, numbers.points))
    waits = [
        Line("half waited less", "student", [hour.wait_s for hour in day]),
        Line("19 of 20 waited less", "reference", [hour.long_wait_s for hour in day]),
    ]
    drawn.append(_chart("waits", "From hand-in to start", "handed in, hours from now", hours, waits, length))
    return Markup("").join(render_line_chart(chart, 3) for chart in drawn if chart is not None)


def _chart(
    id: str,
    title: str,
    x_label: str,
    hours: list[float],
    lines: list[Line],
    show: Callable[[object], str],
) -> LineChart | None:
    """Return the lines over the hours, from zero up; None where they hold nothing."""
    known = [line.values for line in lines if any(value is not None for value in line.values)]
    ticks = value_ticks([[0.0, LEAST_TOP], *known]) if known else None
    return line_chart(id, title, x_label, hours, lines, show=show, y_ticks=ticks)
