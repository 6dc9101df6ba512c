"""A unit in numbers: scores, hints, tests, time; and from a hint or a test to those whom it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template, request

from grader.analytics import charts
from grader.analytics.attempts import Attempt, Which, Work, read_work
from grader.analytics.deadline import HOURS, LastHours, last_hours
from grader.analytics.hints import hint_counts, who_has
from grader.analytics.one_test import one_test, passing_over_time
from grader.analytics.pass_rates import Moment, TestRate, moments, over_time, pass_rates
from grader.analytics.scores import Bin, attempt_bins, overview, score_bins
from grader.analytics.time_to_pass import TimeToPass, groups_in, time_to_full, times_to_pass
from grader.analytics.timed_runs import Limits, TimedRun, limits_of, timed_runs
from grader.db.base import now
from grader.db.models import Role
from grader.report import numbers, words
from grader.report.charts import Line, Table, line_chart
from grader.report.html import render_line_chart, render_table
from grader.results.unit_files import hint_sentences
from grader.web.access import UnitAccess, require_unit
from grader.web.limits import heavy
from grader.web.pages.wording import span
from grader.web.service import reading
from grader.web.staff import blueprint
from grader.web.unit_root import root_of

LABELLED_HOURS = 6
SCORE_LABEL = "percent of full points, from"
PERCENT_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)

blueprint.add_app_template_global(charts.strip, "draw_strip")
blueprint.add_app_template_global(render_table, "chart_table")
blueprint.add_app_template_global(span, "span")
blueprint.add_app_template_filter(words.name_of, "test_name")
blueprint.add_app_template_filter(words.group_title, "group_title")
blueprint.add_app_template_filter(numbers.seconds, "seconds")
blueprint.add_app_template_filter(numbers.ratio, "ratio")


@blueprint.get("/courses/<course>/<unit>/analytics", endpoint="analytics")
@heavy
def show_analytics(course: str, unit: str) -> str:
    """Show the unit in numbers; `of` says which attempt of each student, `sort=hardest` orders the tests."""
    scene = _scene(require_unit(course, unit, at_least=Role.TA))
    rates = pass_rates(reading(), scene.chosen, scene.work.first())
    runs = timed_runs(reading(), scene.chosen)
    limits = limits_of(reading(), runs)
    hardest_first = request.args.get("sort") == "hardest"
    deadline_at = scene.access.unit.deadline_at
    last = None if deadline_at is None else last_hours(scene.work, deadline_at)
    return _page(
        "staff/analytics.html",
        scene,
        overview=overview(scene.work, scene.chosen),
        hints=hint_counts(reading(), scene.chosen),
        score_charts=_score_charts(scene),
        tests=_arranged(rates, hardest_first),
        hardest_first=hardest_first,
        groups=_groups(scene, rates),
        timed=runs,
        limits=limits,
        timed_chart=_timed_chart(scene.work, runs, limits),
        attempts_chart=charts.bar_chart(
            "attempts", "Attempts of each student", "attempts", attempt_bins(scene.work), "students"
        ),
        last_hours=last,
        last_hours_chart=None if last is None else _last_hours_chart(last),
    )


@blueprint.get("/courses/<course>/<unit>/analytics/hint", endpoint="analytics_hint")
@heavy
def show_hint(course: str, unit: str) -> str:
    """Show who is given the hint `code`; nobody, if it is not known."""
    scene = _scene(require_unit(course, unit, at_least=Role.TA))
    code = request.args.get("code", "")
    found = who_has(reading(), scene.chosen, code)
    return _page(
        "staff/analytics_hint.html", scene, code=code, found=scene.by_name(found, lambda one: one[0])
    )


@blueprint.get("/courses/<course>/<unit>/analytics/test", endpoint="analytics_test")
@heavy
def show_test(course: str, unit: str) -> str:
    """Show who does not pass the test `id`, and how many passed it day by day; nobody, if it is not known."""
    scene = _scene(require_unit(course, unit, at_least=Role.TA))
    test_id = request.args.get("id", "")
    test = one_test(reading(), scene.chosen, test_id)
    days = passing_over_time(reading(), scene.work, scene.times, test_id)
    return _page(
        "staff/analytics_test.html",
        scene,
        test_id=test_id,
        test=test,
        missed=scene.by_name(test.missed if test else (), lambda miss: miss.attempt),
        chart=_share_chart(scene, days, test_id) if test else "",
        outcome_words=words.OUTCOME_WORDS,
    )


@dataclass(frozen=True)
class Scene:
    """What all of these pages are about: the unit, its hand-ins, and one attempt of each student."""

    access: UnitAccess
    which: Which
    work: Work
    chosen: list[Attempt]
    times: list[tuple[datetime, float]]

    def by_name(self, rows: Any, attempt_of: Any) -> list[Any]:
        """Return rows that are each about one student's attempt in the order of the students' names."""
        order = {user_id: place for place, user_id in enumerate(self.work.names)}
        return sorted(rows, key=lambda row: order[attempt_of(row).user_id])

    @property
    def time_label(self) -> str:
        """What days are counted from."""
        unit = self.access.unit
        return "days since the first hand-in" if unit.deadline_at is None else "days from the deadline"


def _scene(access: UnitAccess) -> Scene:
    """Return the unit's hand-ins, seen as the query asks."""
    which = Which.LATEST if request.args.get("of") == Which.LATEST else Which.COUNTING
    work = read_work(reading(), access.unit)
    return Scene(access, which, work, work.chosen(which), moments(work, access.unit.deadline_at))


def _page(template: str, scene: Scene, **shown: Any) -> str:
    access = scene.access
    return render_template(
        template,
        course=access.course,
        unit=access.unit,
        access=access,
        which=scene.which,
        names=scene.work.names,
        chosen=scene.chosen,
        sentences=hint_sentences(access.unit.unit, root_of(access.unit)),
        at=now(),
        **shown,
    )


def _score_charts(scene: Scene) -> list[charts.BarChart]:
    every = [attempt for graded in scene.work.graded() for attempt in graded]
    drawn = (
        charts.bar_chart(
            "scores",
            f"Each student’s {scene.which} attempt",
            SCORE_LABEL,
            score_bins(scene.chosen),
            "students",
        ),
        charts.bar_chart("all-scores", "All attempts", SCORE_LABEL, score_bins(every), "attempts"),
    )
    return [chart for chart in drawn if chart is not None]


def _arranged(rates: list[TestRate], hardest_first: bool) -> list[tuple[str, list[TestRate]]]:
    """Return the tests by group, as they run; or all together under no name, the fewest passing first."""
    if hardest_first:
        return [("", sorted(rates, key=lambda rate: rate.now.share or 0.0))]
    groups: dict[str, list[TestRate]] = {}
    for rate in rates:
        groups.setdefault(rate.group, []).append(rate)
    return list(groups.items())


@dataclass(frozen=True)
class GroupRow:
    """A test group, or everything: how many pass it by now, the way there, and how long it took them."""

    group: str
    line: charts.Sparkline
    share: float | None
    to_pass: TimeToPass


def _groups(scene: Scene, rates: list[TestRate]) -> dict[str, Any]:
    """Return the rows of the table of test groups, and the numbers behind its lines."""
    groups = list(dict.fromkeys(rate.group for rate in rates))
    full = "full points"
    days = over_time(
        scene.work,
        scene.times,
        lambda attempt: (*groups_in(attempt.passed_groups), *([full] if attempt.is_full else [])),
    )
    times = {**times_to_pass(scene.work, groups), full: time_to_full(scene.work)}
    rows = []
    for group in times:
        shares = [day.share(group) for day in days]
        line = charts.sparkline([day.days for day in days], shares, scene.access.unit.deadline_at is not None)
        rows.append(GroupRow(group, line, shares[-1] if shares else None, times[group]))
    titles = [words.group_title(group) for group in times]
    table = Table(
        (scene.time_label, *titles),
        tuple(
            (f"{day.days:g}".replace("-", "−"), *(numbers.percent(day.share(group)) for group in times))
            for day in days
        ),
    )
    return {"rows": rows, "table": render_table(table, "Test groups over time")}


def _share_chart(scene: Scene, days: list[Moment], name: str) -> Any:
    chart = line_chart(
        "over-time",
        "Passing over time",
        scene.time_label,
        [day.days for day in days],
        [Line("by each student’s latest attempt at the time", "student", [day.share(name) for day in days])],
        show=numbers.percent,
        y_ticks=PERCENT_TICKS,
    )
    return "" if chart is None else render_line_chart(chart, 2)


def _timed_chart(work: Work, runs: list[TimedRun], limits: Limits) -> charts.Scatter | None:
    points = []
    for run in runs:
        said = f"{numbers.percent(run.accuracy)}, {numbers.ratio(run.ratio)}"
        points.append((run.ratio, run.accuracy, f"{work.names[run.attempt.user_id]}: {said}"))
    accuracy = limits.reference_accuracy
    reference = None if accuracy is None else (1.0, accuracy, f"reference: {numbers.percent(accuracy)}")
    return charts.scatter(points, reference, limits.max_ratio, limits.threshold)


def _last_hours_chart(last: LastHours) -> charts.BarChart | None:
    bins = []
    for hour, number in enumerate(last.by_hour):
        left = HOURS - hour
        bins.append(Bin(f"{left} h", number, "" if left % LABELLED_HOURS else str(left)))
    return charts.bar_chart("last-hours", "Hand-ins before the deadline", "hours left", bins, "hand-ins")
