"""The command line of the benchmark of pushes."""

from __future__ import annotations

import json
from typing import Any

import click

from bench.machine import origin
from bench.publication import ROOT
from bench.pushes import clones, rush
from bench.pushes.page import publish, render
from bench.service.page import PAGE
from bench.service.running import DATABASES, empty_database, running_service
from bench.service.students import enrol_students
from bench.service.worker import SLOTS

PUSHED = ROOT / "reference" / "nn"
USUAL = 50


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--pushes", type=click.IntRange(1), default=USUAL, show_default=True, help="At once.")
@click.option("--database", type=click.Choice(DATABASES), help="On this one only; default: both.")
def main(pushes: int, database: str | None) -> None:
    """Push many times at once with git's own client, with acted grading, and measure what comes of it.

    A full run, with no option given, goes to docs/reference/service-benchmarks.md. The exit code is 1 if
    anything was lost, doubled, left undone or damaged.
    """
    results: dict[str, Any] = {
        **origin(),
        "slots": SLOTS,
        "databases": {},
    }
    for each in [database] if database else DATABASES:
        found = _run(each, pushes)
        click.echo(f"{each}: {json.dumps(found)}", err=True)
        results["databases"][each] = found
    click.echo(render(results))
    flaws = ("lost", "doubled", "wrong", "damaged")
    if any(found[flaw] for found in results["databases"].values() for flaw in flaws):
        raise SystemExit(1)
    if (pushes, database) == (USUAL, None):
        publish(results)
        click.echo(f"written: {PAGE.relative_to(ROOT)}", err=True)


def _run(kind: str, pushes: int) -> dict[str, Any]:
    """Start the service on an empty database of this kind, and measure."""
    with empty_database(kind) as ground:
        students = enrol_students(ground.database, pushes)
        with running_service(ground, "acted") as running:
            working = clones.prepare(ground.folder / "people", PUSHED, running.address, students)
            return rush.measure(working, running.address, ground.database, running.data_dir)
