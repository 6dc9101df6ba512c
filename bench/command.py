"""The command line of the benchmarks."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from bench import calls, cpu, stability, submissions
from bench.machine import describe_machine, describe_versions
from bench.measurements import Measurements
from bench.publication import LATEST, PAGE, ROOT, publish, write_results
from bench.subjects import Subject, find_subject
from bench.table import render
from grader.errors import GraderError
from grader.setting_values import SANDBOXES
from grader.settings import load_settings

REPETITIONS = 7
CPU_REPETITIONS = 3
CALL_REPETITIONS = 10
RUNS = 5

SECTIONS = ("submissions", "cpu", "calls", "stability")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="One or two repetitions of everything, to see that it works.")
@click.option(
    "--runs", type=click.IntRange(1), default=RUNS, show_default=True, help="Runs for stability, each kind."
)
@click.option(
    "--sandbox", type=click.Choice(SANDBOXES), help="Measure this one; default: all that work here."
)
@click.option("--only", type=click.Choice(SECTIONS), help="Measure this section only.")
@click.option("--unit", "unit_name", default="nn", show_default=True, help="Whose reference is graded.")
def main(quick: bool, runs: int, sandbox: str | None, only: str | None, unit_name: str) -> None:
    """Measure what grading costs, beside a plain baseline, and print the table.

    A full run (neither --quick nor --only) is kept in bench/results/latest.json and in
    docs/reference/benchmarks.md; any other goes to the data folder. Leave the machine alone meanwhile.
    """
    os.environ["OMP_NUM_THREADS"] = "1"
    settings = load_settings()
    try:
        subject = find_subject(unit_name, sandbox, settings, _progress)
        results = _measure(subject, [only] if only else list(SECTIONS), quick, runs)
    except GraderError as error:
        raise click.ClickException(str(error)) from error
    click.echo(render(results))
    if quick or only:
        path = settings.data_dir / "bench.json"
        write_results(results, path)
        _progress(f"written: {path}; not published, since this is not a full run")
    else:
        publish(results)
        _progress(f"written: {LATEST.relative_to(ROOT)}, {PAGE.relative_to(ROOT)}")


def _measure(subject: Subject, sections: list[str], quick: bool, runs: int) -> dict[str, Any]:
    """Run the sections one after the other; return the results as they are written."""
    measurements, repetitions = Measurements(), 2 if quick else REPETITIONS
    results = {
        "schema": 1,
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": describe_machine(),
        "versions": describe_versions(subject),
        "measurements": measurements.values,
    }
    run: dict[str, Callable[[], None]] = {
        "submissions": lambda: submissions.measure(subject, measurements, repetitions),
        "cpu": lambda: cpu.measure(subject, measurements, 1 if quick else CPU_REPETITIONS),
        "calls": lambda: calls.measure(subject, measurements, 2 if quick else CALL_REPETITIONS),
        "stability": lambda: stability.measure(subject, measurements, 1 if quick else runs),
    }
    for section in sections:
        run[section]()
    return results


def _progress(line: str) -> None:
    click.echo(line, err=True)
