"""The command line of the upload benchmarks."""

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
from bench.uploads import first_result, rush
from bench.uploads.page import publish, render
from grader.db import migration
from grader.db.database import open_database
from grader.jobs.engine import prepare_job_tables
from grader.settings import load_settings
from tests.postgresql import postgres_server

DATABASES = ("sqlite", "postgresql")
GRADINGS = ("acted", "real")
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
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": describe_machine(),
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
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-uploads-")))
        url = f"sqlite:///{folder}/grader.sqlite"
        if kind == "postgresql":
            url = stack.enter_context(postgres_server()).url("postgres")
        database = open_database(url)
        stack.callback(database.close)
        migration.upgrade(database)
        prepare_job_tables(url)
        students = enrol_students(database, uploads + singles)

        address = free_address()
        environment = {
            "GRADER_DATABASE_URL": url,
            "GRADER_LISTEN": address,
            "GRADER_PUBLIC_URL": f"http://{address}",
            "GRADER_DATA_DIR": str(load_settings().data_dir if grading == "real" else folder),
            "OMP_NUM_THREADS": "1",
        }
        worker = worker_process(grading, environment, folder / "worker.log")
        for process in (web_process(environment, folder / "web.log"), worker):
            process.start()
            stack.callback(process.kill)
        wait_until_serving(f"http://{address}")
        wait_until_ready(worker)
        return {
            "first_result": first_result.measure(HANDED_IN, address, database, students[uploads:]),
            "rush": rush.measure(rush.Rush(HANDED_IN, within_s, SEED), address, database, students[:uploads]),
        }
