"""The command line of the benchmark of pushes."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bench.machine import describe_machine
from bench.publication import ROOT
from bench.pushes import clones, rush
from bench.pushes.page import publish, render
from bench.service.page import PAGE
from bench.service.processes import (
    free_address,
    wait_until_ready,
    wait_until_serving,
    web_process,
    worker_process,
)
from bench.service.students import enrol_students
from bench.service.worker import SLOTS
from grader.db import migration
from grader.db.database import open_database
from grader.jobs.engine import prepare_job_tables
from tests.postgresql import postgres_server

DATABASES = ("sqlite", "postgresql")
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
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": describe_machine(),
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
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-pushes-")))
        url = f"sqlite:///{folder}/grader.sqlite"
        if kind == "postgresql":
            url = stack.enter_context(postgres_server()).url("postgres")
        database = open_database(url)
        stack.callback(database.close)
        migration.upgrade(database)
        prepare_job_tables(url)
        address = free_address()
        students = enrol_students(database, pushes)
        working = clones.prepare(folder / "people", PUSHED, address, students)
        environment = {
            "GRADER_DATABASE_URL": url,
            "GRADER_LISTEN": address,
            "GRADER_PUBLIC_URL": f"http://{address}",
            "GRADER_DATA_DIR": str(folder / "data"),
            "OMP_NUM_THREADS": "1",
        }
        worker = worker_process("acted", environment, folder / "worker.log")
        for process in (web_process(environment, folder / "web.log"), worker):
            process.start()
            stack.callback(process.kill)
        wait_until_serving(f"http://{address}")
        wait_until_ready(worker)
        return rush.measure(working, address, database, folder / "data")
