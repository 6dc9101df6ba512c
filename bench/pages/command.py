"""The command line of the page benchmarks."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import click
import structlog

from bench.machine import origin
from bench.pages.page import publish, render
from bench.pages.term import fill
from bench.pages.visits import measure
from bench.publication import ROOT
from bench.service.page import PAGE
from bench.service.running import DATABASES, empty_database
from grader.jobs.queue import JobQueue
from grader.settings import Settings
from grader.web.app import create_app
from grader.web.limits import limiter

STUDENTS, EACH, VISITS = 500, 40, 40


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--students", type=click.IntRange(2), default=STUDENTS, show_default=True)
@click.option("--each", type=click.IntRange(2), default=EACH, show_default=True, help="Hand-ins of each.")
@click.option("--visits", type=click.IntRange(2), default=VISITS, show_default=True, help="Of each page.")
@click.option("--database", type=click.Choice(DATABASES), help="On this one only; default: both.")
def main(students: int, each: int, visits: int, database: str | None) -> None:
    """Fill a database with a term's submissions and measure how long each page takes.

    A full run, with no option given, goes to docs/reference/service-benchmarks.md.
    """
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[lambda *event: ""])
    results: dict[str, Any] = {
        **origin(),
        "students": students,
        "submissions": students * each,
        "visits": visits,
        "databases": {},
    }
    for kind in [database] if database else DATABASES:
        results["databases"][kind] = _run(kind, students, each, visits)
        click.echo(f"{kind}: {json.dumps(results['databases'][kind])}", err=True)
    click.echo(render(results))
    if (students, each, visits, database) == (STUDENTS, EACH, VISITS, None):
        publish(results)
        click.echo(f"written: {PAGE.relative_to(ROOT)}", err=True)


def _run(kind: str, students: int, each: int, visits: int) -> dict[str, dict[str, float]]:
    """Fill a fresh database of this kind, and measure."""
    with empty_database(kind) as ground:
        term = fill(ground.database, students, each)
        with closing(JobQueue(ground.url)) as queue:
            settings = Settings(data_dir=ground.folder, database_url=ground.url)
            app = create_app(settings, ground.database, queue)
            limiter.enabled = False  # one TA asks more often than people do
            return measure(app, term, visits)
