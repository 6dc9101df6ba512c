"""Work on a unit's tests: unit check."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from grader.commands.options import EXIT_NO, known_unit, sandbox_option, tell_progress
from grader.settings import load_settings


@click.group()
def unit() -> None:
    """Work on a unit's tests."""


@unit.command("check")
@click.argument("unit_name", metavar="UNIT", callback=known_unit)
@sandbox_option
@click.option(
    "--runs", type=click.IntRange(1), default=3, show_default=True, help="Reference runs without a flake."
)
@click.option("--only", help="Only samples whose name contains this.")
@click.option(
    "--mnist/--no-mnist", "with_mnist", default=True, help="Whether samples train on MNIST as well."
)
def unit_check(unit_name: str, sandbox: str | None, runs: int, only: str | None, with_mnist: bool) -> None:
    """The admission gate: prove a unit's tests before publishing a change to them."""
    from grader.grading import prepared_sandbox
    from grader.judging.admission import check_unit

    settings = load_settings()
    admitted = check_unit(
        unit_name,
        prepared_sandbox(sandbox, settings, tell_progress),
        settings,
        Console(highlight=False),
        runs=runs,
        only=only,
        with_mnist=with_mnist,
    )
    sys.exit(0 if admitted else EXIT_NO)
