"""The command line of the upload benchmarks."""

from __future__ import annotations

import json
from typing import Any

import click

from bench.machine import origin
from bench.publication import ROOT
from bench.service.page import PAGE
from bench.service.running import DATABASES, GRADINGS, empty_database, running_service
from bench.service.students import enrol_students
from bench.service.worker import SLOTS
from bench.uploads import first_result, rush
from bench.uploads.page import publish, render

HANDED_IN = ROOT / "reference" / "nn"
SEED = 1


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--uploads", type=click.IntRange(2), default=200, show_default=True, help="In the rush.")
@click.option("--within", "within_s", type=float, default=60.0, show_default=True, help="So many seconds.")
@click.option("--singles", type=click.IntRange(1), default=15, show_default=True, help="On the idle service.")
@click.option("--database", type=click.Choice(DATABASES), help="On this one only; default: both.")
@click.option("--grading", type=click.Choice(GRADINGS), default="real", show_default=True)
def main(uploads: int, within_s: float, singles: int, database: str | None, grading: str) -> None:
    """Hand in through the HTTP API, many at once and one at a time, and measure the answers.

    A full run, with no option given, goes to docs/reference/service-benchmarks.md.
    """
    results: dict[str, Any] = {
        **origin(),
        "slots": SLOTS,
        "databases": {},
    }
    for each in [database] if database else DATABASES:
        found = _run(each, grading, uploads, within_s, singles)
        click.echo(f"{each}: {json.dumps(found)}", err=True)
        results["databases"][each] = found
    click.echo(render(results))
    if (uploads, within_s, singles, database, grading) == (200, 60.0, 15, None, "real"):
        publish(results)
        click.echo(f"written: {PAGE.relative_to(ROOT)}", err=True)


def _run(kind: str, grading: str, uploads: int, within_s: float, singles: int) -> dict[str, Any]:
    """Start the service on an empty database of this kind, and measure."""
    with empty_database(kind) as ground:
        students = enrol_students(ground.database, uploads + singles)
        with running_service(ground, grading) as running:
            address, database = running.address, ground.database
            rushing, single = students[:uploads], students[uploads:]
            return {
                "first_result": first_result.measure(HANDED_IN, address, database, single),
                "rush": rush.measure(rush.Rush(HANDED_IN, within_s, SEED), address, database, rushing),
            }
