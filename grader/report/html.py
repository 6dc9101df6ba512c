"""The HTML report: one file, no script, nothing loaded from anywhere.

`render_html` gathers what the templates show; `templates/report.html` puts the parts in
order, one `_part.html` each, and `templates/report.css` gives them their look. `render_parts` gives the
same parts to pages that have a frame of their own.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from markupsafe import Markup

from grader.judging.result import Epoch, GradingResult, MnistResult, Outcome, Status, Visibility
from grader.report import numbers, pictures, summary, text, words
from grader.report.boundary_chart import BoundaryChart, boundary_chart
from grader.report.charts import BarPair, Line, LineChart, Table, bar_pair, fit_chart, line_chart, value_ticks
from grader.report.png import grey_data_uri


@dataclass(frozen=True)
class Parts:
    """A report as markup for a page with its own frame: the score with its h1, the sections, the provenance.

    They need `report.css`, and no style or script beside it.
    """

    score: Markup
    sections: Markup
    provenance: Markup


def render_html(result: GradingResult, unit_title: str, *, times_rounded: bool = False) -> str:
    """Return the whole report as one self-contained HTML document.

    Whatever the result holds is shown escaped and shortened; a picture that can't be drawn
    is replaced by a sentence. `times_rounded`: the hidden tests' durations were rounded up.
    """
    return _render("report.html", {**_context(result, times_rounded), "unit_title": unit_title})


def render_parts(result: GradingResult, *, times_rounded: bool = False) -> Parts:
    """Return the report's parts; what they show is what `render_html` shows."""
    context = _context(result, times_rounded)
    return Parts(
        Markup(_render("_icons.svg", {}) + _render("_score.html", context)),
        Markup(_render("_sections.html", context)),
        Markup(_render("_provenance.html", context)),
    )


def render_icons() -> Markup:
    """Return the icons that charts and tests refer to, for a page that shows parts of its own."""
    return Markup(_render("_icons.svg", {}))


def render_line_chart(chart: LineChart, heading_level: int) -> Markup:
    """Return one chart with the table of its numbers."""
    return Markup(_macros().line_chart(chart, heading_level))


def render_table(table: Table, caption: str) -> Markup:
    """Return the numbers behind a chart, folded away until somebody asks."""
    return Markup(_macros().data_table(table, caption))


def _render(template: str, context: Mapping[str, Any]) -> str:
    return _environment().get_template(template).render(context)


def _context(result: GradingResult, times_rounded: bool) -> dict[str, Any]:
    fixes = summary.fixes(result)
    drawn = _graded_parts(result) if result.status is Status.GRADED else {}
    return {
        "result": result,
        "headline": summary.headline(result),
        "groups": summary.groups(result),
        "fixes": fixes[: summary.MAX_FIXES],
        "first_with_hint": {fix.hint.code: fix.tests[0] for fix in fixes if fix.tests},
        "start_with": summary.dearest_failure(result),
        "anchors": {test.id: f"test-{number}" for number, test in enumerate(result.tests, start=1)},
        "earned": summary.earned(result),
        "deduction": summary.deduction(result),
        "broken_rule": summary.broken_rule(result),
        "provenance": _rows(result.provenance),
        "times_rounded": times_rounded,
        **drawn,
    }


@dataclass(frozen=True)
class DigitView:
    """A test digit as the page shows it."""

    image: str
    predicted: str
    actual: int
    right: bool


def _graded_parts(result: GradingResult) -> dict[str, Any]:
    fit = pictures.read_linear_fit(result.pictures.get("linear_regression"))
    overfitting = pictures.read_overfitting(result.pictures.get("overfitting"))
    return {
        "bars": None if result.mnist is None else _cpu_bars(result.mnist),
        "mnist_charts": _mnist_charts(result.mnist) if result.mnist else [],
        "digits": _digits(result),
        "fit_charts": [] if fit is None else _fit_charts(fit),
        "boundaries": _boundaries(result),
        "overfitting_charts": [] if overfitting is None else _overfitting_charts(overfitting),
    }


def _cpu_bars(mnist: MnistResult) -> BarPair | None:
    if not summary.is_finished(mnist):
        return None
    return bar_pair(mnist.cpu_s, mnist.reference_cpu_s, mnist.max_ratio)


def _mnist_charts(mnist: MnistResult) -> list[LineChart]:
    threshold = numbers.finite(mnist.threshold, 0.0, 1.0)
    return mnist_charts(mnist.epochs, mnist.reference_epochs, threshold)


def mnist_charts(
    epochs: Sequence[Epoch], reference: Sequence[Epoch], threshold: float | None, of: int = 0
) -> list[LineChart]:
    """Return the charts of accuracy and loss by epoch; `of` epochs have room where not all have run yet."""
    xs = [float(number) for number in range(1, max(len(epochs), len(reference), of) + 1)]
    accuracy = line_chart(
        "mnist-accuracy",
        "Validation accuracy",
        "epoch",
        xs,
        [
            Line("yours", "student", [numbers.finite(epoch.val_accuracy, 0.0, 1.0) for epoch in epochs]),
            Line(
                "reference",
                "reference",
                [numbers.finite(epoch.val_accuracy, 0.0, 1.0) for epoch in reference],
            ),
        ],
        show=numbers.percent,
        rule=None if threshold is None else (threshold, f"needed: {numbers.percent(threshold)}"),
    )
    loss = line_chart(
        "mnist-loss",
        "Training loss",
        "epoch",
        xs,
        [
            Line("yours", "student", [numbers.finite(epoch.train_loss) for epoch in epochs]),
            Line("reference", "reference", [numbers.finite(epoch.train_loss) for epoch in reference]),
        ],
    )
    return [chart for chart in (accuracy, loss) if chart is not None]


def _digits(result: GradingResult) -> list[DigitView]:
    return [
        DigitView(
            grey_data_uri(digit.pixels, pictures.DIGIT_SIDE),
            numbers.MISSING if digit.predicted is None else str(digit.predicted),
            digit.actual,
            digit.right,
        )
        for digit in pictures.read_digits(result.pictures.get("digits"))
    ]


def _fit_charts(fit: pictures.LinearFit) -> list[LineChart]:
    steps = [float(step) for step in range(len(fit.losses))]
    loss = line_chart("fit-loss", "Loss at each step", "step", steps, [Line("loss", "student", fit.losses)])
    return [fit_chart("fit-line", fit), *([] if loss is None else [loss])]


def _boundaries(result: GradingResult) -> list[BoundaryChart]:
    panels = (
        ("decision_boundary", "with_relu", "Circles, with the ReLU"),
        ("decision_boundary", "without_relu", "Circles, without the ReLU"),
        ("moons", "with_relu", "Moons, with the ReLU"),
    )
    charts = []
    for name, variant, title in panels:
        picture = result.pictures.get(name)
        boundary = pictures.read_boundary(picture.get(variant)) if isinstance(picture, Mapping) else None
        if boundary is not None:
            charts.append(boundary_chart(f"{name}-{variant}".replace("_", "-"), title, boundary))
    return charts


def _overfitting_charts(data: pictures.Overfitting) -> list[LineChart]:
    both = (data.without_decay, data.with_decay)
    common = value_ticks([curve for run in both for curve in (run.train_loss, run.val_loss)])
    charts = []
    for run, name, title in (
        (data.without_decay, "overfitting-without-decay", "Loss without weight decay"),
        (data.with_decay, "overfitting-with-decay", "Loss with weight decay"),
    ):
        lines = [Line("training", "train", run.train_loss), Line("validation", "validation", run.val_loss)]
        charts.append(line_chart(name, title, "step", data.steps, lines, y_ticks=common))
    return [chart for chart in charts if chart is not None]


def _rows(data: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return nested plain data as (dotted name, text) rows."""
    rows = []
    for key, value in data.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            rows += _rows(value, f"{name}.")
        else:
            rows.append((name, str(value)))
    return rows


def _macros() -> Any:
    return _environment().get_template("_macros.html").module


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("grader.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        test_name=words.test_name,
        message=text.clean,
        line=text.clean_line,
        points=numbers.points,
        percent=numbers.percent,
        seconds=numbers.seconds,
        ratio=numbers.ratio,
        decimal=numbers.decimal,
    )
    environment.globals.update(
        Outcome=Outcome,
        Status=Status,
        Visibility=Visibility,
        outcome_words=words.OUTCOME_WORDS,
        count=words.count,
        tally=words.tally,
    )
    return environment
