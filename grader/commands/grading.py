"""Grading without any service: grade, replay, check."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from grader.commands.options import (
    EXIT_NO,
    EXIT_PROBLEM,
    EXIT_REJECTED,
    existing,
    sandbox_name,
    sandbox_option,
    tell_progress,
    unit_option,
)
from grader.settings import Settings, load_settings

if TYPE_CHECKING:
    from grader.judging.result import GradingResult

MAX_SEED = 2**53


@click.command()
@click.argument("path", type=existing)
@unit_option
@sandbox_option
@click.option(
    "--json", "json_path", help="Write the report as JSON to FILE, or to stdout for -.", metavar="FILE|-"
)
@click.option(
    "--junit", "junit_path", type=click.Path(path_type=Path), help="Write a JUnit report.", metavar="FILE"
)
@click.option(
    "--html", "html_path", type=click.Path(path_type=Path), help="Write a page with pictures.", metavar="FILE"
)
@click.option(
    "--gradescope",
    "gradescope_path",
    type=click.Path(path_type=Path),
    help="Write a results.json for Gradescope; none if the grader fails.",
    metavar="FILE",
)
@click.option(
    "--seed", type=click.IntRange(0, MAX_SEED), help="Seed of every random number; default: a fresh one."
)
@click.option("--no-mnist", is_flag=True, help="Leave the timed MNIST run out.")
def grade(
    path: Path,
    unit_name: str,
    sandbox: str | None,
    json_path: str | None,
    junit_path: Path | None,
    html_path: Path | None,
    gradescope_path: Path | None,
    seed: int | None,
    no_mnist: bool,
) -> None:
    """Grade PATH: a folder, .zip, .tar.gz or local git repository."""
    from grader.grading import grade_path
    from grader.report.files import write_reports
    from grader.report.terminal import TerminalReport

    settings = load_settings()
    if gradescope_path is not None:
        _remove_old(gradescope_path)
    console = Console(stderr=json_path == "-", highlight=False)
    seed = secrets.randbelow(MAX_SEED) if seed is None else seed
    with TerminalReport(console) as report:
        result, title = grade_path(
            path,
            unit_name,
            sandbox,
            settings,
            report.on_event,
            tell_progress,
            seed=seed,
            with_mnist=not no_mnist,
        )
        report.print_report(result)
    write_reports(result, title, json_path, junit_path, html_path)
    if gradescope_path is not None:
        _write_gradescope(gradescope_path, result, settings)
    sys.exit({"graded": 0, "rejected": EXIT_REJECTED, "grader_problem": EXIT_PROBLEM}[result.status])


@click.command()
@click.argument("report_path", type=existing, metavar="REPORT.json")
@click.argument("path", type=existing)
@click.option("--sandbox", type=sandbox_name, default=None, help="Default: the report's own sandbox.")
def replay(report_path: Path, path: Path, sandbox: str | None) -> None:
    """Grade PATH again with the seed of REPORT.json and compare the verdicts."""
    from grader.grading import read_report, replay_differences

    settings = load_settings()
    old = read_report(report_path)
    differences = replay_differences(old, path, sandbox, settings, tell_progress)
    for line in differences:
        click.echo(line)
    click.echo("The verdicts differ." if differences else "The same verdicts.")
    sys.exit(EXIT_NO if differences else 0)


@click.command()
@click.argument("path", type=existing, default=".")
@unit_option
@click.option("--no-mnist", is_flag=True, help="Leave the short MNIST run out.")
def check(path: Path, unit_name: str, no_mnist: bool) -> None:
    """Check your own work in PATH before handing it in: no sandbox, no hidden tests."""
    from grader.judging.check import check_submission

    ok = check_submission(path, unit_name, load_settings(), Console(highlight=False), with_mnist=not no_mnist)
    sys.exit(0 if ok else EXIT_NO)


def _remove_old(path: Path) -> None:
    """Remove last time's file: it would pass for this time's if the grading does not come to an end."""
    from grader.errors import UsageError

    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}") from error


def _write_gradescope(path: Path, result: GradingResult, settings: Settings) -> None:
    """Write results.json; GraderError, and none is written, if there is no result."""
    from grader.report.files import write_report
    from grader.results.gradescope import results_for_upload
    from grader.units import load_unit

    write_report(path, results_for_upload(result, load_unit(result.unit, settings.units_root).visibility))
