"""The table of a run, as Markdown: the only place where measured values become figures in a text."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.measurements import IN_PROCESS, PLAIN, Measurements, percentile, variation
from grader.setting_values import SANDBOXES


@dataclass(frozen=True)
class Form:
    """How a cell's values are said: `text`, and `value`, the one figure that counts."""

    text: Callable[[Sequence[float]], str]
    value: Callable[[Sequence[float]], float]


def _digits(value: float) -> str:
    """Three significant digits, without exponents."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


SPREAD = Form(
    lambda values: f"{_digits(statistics.median(values))} ({_digits(min(values))}–{_digits(max(values))})",
    statistics.median,
)
PERCENTILES = Form(
    lambda values: f"{_digits(statistics.median(values))} / {_digits(percentile(values, 0.95))}",
    statistics.median,
)
VARIATION = Form(
    lambda values: f"{100 * variation(values):.2f}" if len(values) > 1 else "–",
    lambda values: 100 * variation(values),
)
COUNT = Form(lambda values: f"{sum(values):.0f} of {len(values)}", sum)


@dataclass(frozen=True)
class Row:
    """One line of the table; a target is the most that the counting figure may be."""

    key: str
    text: str
    form: Form = SPREAD
    target: float | None = None


@dataclass(frozen=True)
class Section:
    """One table: its heading, what its figures are, its baseline's column if it has one, its rows."""

    name: str
    title: str
    figures: str
    baseline: str | None
    rows: tuple[Row, ...]


SECTIONS = (
    Section(
        "submissions",
        "One submission, wall time",
        "Seconds: median (least–most).",
        PLAIN,
        (
            Row("first_result_s", "first test result after the call", target=0.5),
            Row("public_tests_s", "all public tests"),
            Row("unit_tests_s", "all unit tests, without exercises and MNIST", target=5),
            Row("exercises_s", "exercises"),
            Row("cold_start_s", "cold start: launch until warm, before the call"),
        ),
    ),
    Section(
        "cpu",
        "One submission, CPU time",
        "CPU seconds: median (least–most).",
        PLAIN,
        (
            Row("cpu_warm_up_s", "warm-up of examiner and both sandboxes"),
            Row("cpu_public_s", "public tests, all told"),
            Row("cpu_public_outside_s", "public tests, outside the tests' own code"),
            Row("cpu_tests_outside_s", "all tests, outside the tests' own code"),
            Row("cpu_tests_trusted_s", "of these, after warm-up: trusted process"),
            Row("cpu_tests_sandbox_s", "all tests, after warm-up: student's sandbox, tested code included"),
            Row("cpu_mnist_outside_s", "MNIST, outside the student's own training"),
            Row("cpu_mnist_reference_s", "of these: the reference's training"),
        ),
    ),
    Section(
        "calls",
        "One call",
        "Microseconds: median / 95th percentile.",
        IN_PROCESS,
        (
            Row("call_us", "`layer(x)`, `x` of shape (5, 3)", PERCENTILES, 500),
            Row("attribute_us", "reading an attribute, `optimizer.lr`", PERCENTILES, 500),
            Row("training_step_us", "a training step: zero, forward, loss, backward, step", PERCENTILES),
        ),
    ),
    Section(
        "stability",
        "The same submission again and again",
        "Busy: every core has another process of normal priority to run. Seconds: median (least–most).",
        None,
        (
            Row("whole_run_s_idle", "whole run with MNIST, idle (s)"),
            Row("whole_run_s_busy", "whole run with MNIST, busy (s)"),
            Row("mnist_reference_cpu_s_idle", "MNIST, reference, idle (CPU s)", target=15),
            Row("mnist_reference_cpu_s_busy", "MNIST, reference, busy (CPU s)"),
            Row("mnist_ratio_idle", "ratio of CPU times, idle"),
            Row("mnist_ratio_busy", "ratio of CPU times, busy"),
            Row("mnist_ratio_idle", "its coefficient of variation, idle (%)", VARIATION),
            Row("mnist_ratio_busy", "its coefficient of variation, busy (%)", VARIATION, 5),
            Row("score_idle", "score, idle"),
            Row("score_busy", "score, busy"),
            Row("flips_idle", "verdicts flipped, idle", COUNT, 0),
            Row("flips_busy", "verdicts flipped, busy", COUNT, 0),
        ),
    ),
)


def render(results: dict[str, Any]) -> str:
    """Return the tables of a run's results, under a sentence that says where and when it was taken."""
    measurements = Measurements(results["measurements"])
    parts = [_provenance(results)]
    for section in SECTIONS:
        columns = [
            column
            for column in (PLAIN, IN_PROCESS, *SANDBOXES)
            if any(measurements.cell(row.key, column) for row in section.rows)
        ]
        if columns:
            count = max(len(measurements.cell(row.key, column)) for row in section.rows for column in columns)
            heading = f"**{section.title}.** {section.figures} n = {count}."
            if section.baseline in columns:
                heading += f" ×: as a multiple of {section.baseline}."
            lines = [_line(row, columns, section.baseline, measurements) for row in section.rows]
            parts += [heading, _aligned([["", *columns, "target"], *lines])]
    return "\n\n".join(parts) + "\n"


def _line(row: Row, columns: Sequence[str], baseline: str | None, measurements: Measurements) -> list[str]:
    plain = measurements.cell(row.key, baseline) if baseline is not None else []
    cells = []
    for column in columns:
        values = measurements.cell(row.key, column)
        text = row.form.text(values) if values else "–"
        if values and plain and column != baseline:
            text += f", {_digits(row.form.value(values) / row.form.value(plain))} ×"
        if values and row.target is not None and column in SANDBOXES and row.form.value(values) > row.target:
            text += " (missed)"
        cells.append(text)
    return [row.text, *cells, "" if row.target is None else f"≤ {row.target:g}"]


def _aligned(lines: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * width for width in widths]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    header, *body = [f"| {' | '.join(line)} |" for line in padded]
    return "\n".join([header, f"| {' | '.join(rule)} |", *body])


def _provenance(results: dict[str, Any]) -> str:
    machine, versions = results["machine"], results["versions"]
    software = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"Taken on {results['date']} on {machine['cpu_model']}, {machine['cores']} cores, "
        f"{machine['memory_gib']:g} GiB, {machine['kernel']}; load average before the run "
        f"{machine['load_average']:g}. {software}."
    )
