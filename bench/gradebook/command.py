"""The command line of the gradebook's benchmark."""

from __future__ import annotations

import json
import statistics
import time
from contextlib import closing
from typing import Any

import click
import structlog
from flask.testing import FlaskClient

from bench.gradebook.comparison import compared
from bench.gradebook.page import publish, render
from bench.gradebook.term import fill
from bench.machine import origin
from bench.publication import ROOT
from bench.service.page import PAGE
from bench.service.running import DATABASES, Ground, empty_database
from grader.db.base import now
from grader.jobs.queue import JobQueue
from grader.settings import Settings
from grader.web.app import create_app
from grader.web.limits import limiter

STUDENTS, EACH, VISITS = 500, 50, 20
ADDRESS = "/courses/dl/gradebook"
PAGES = {
    "all students": "",
    "sorted by a unit": "?sort=-unit:unit-1",
    "late in a unit": "?state=late&unit=unit-1",
    "search": "?q=student12",
}
FILES = ("csv", "xlsx", "canvas", "moodle")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--students", type=click.IntRange(20), default=STUDENTS, show_default=True)
@click.option("--each", type=click.IntRange(5), default=EACH, show_default=True, help="Hand-ins of each.")
@click.option("--visits", type=click.IntRange(2), default=VISITS, show_default=True, help="Of each page.")
@click.option("--database", type=click.Choice(DATABASES), help="On this one only; default: both.")
def main(students: int, each: int, visits: int, database: str | None) -> None:
    """Fill a database with a course, measure its gradebook, and compare the files cell by cell.

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
        with empty_database(kind) as ground:
            results["databases"][kind] = _measure(ground, students, each, visits)
        click.echo(f"{kind}: {json.dumps(results['databases'][kind])}", err=True)
    click.echo(render(results))
    wrong = [text for found in results["databases"].values() for text in found["wrong"]]
    if wrong:
        raise click.ClickException("the files are wrong:\n" + "\n".join(wrong[:20]))
    if (students, each, visits, database) == (STUDENTS, EACH, VISITS, None):
        publish(results)
        click.echo(f"written: {PAGE.relative_to(ROOT)}", err=True)


def _measure(ground: Ground, students: int, each: int, visits: int) -> dict[str, Any]:
    """Fill the database; return times in ms of each page and file, and what of the files is wrong."""
    staff = fill(ground.database, students, each)
    with closing(JobQueue(ground.url)) as queue:
        settings = Settings(data_dir=ground.folder, database_url=ground.url)
        limiter.enabled = False  # one TA asks more often than people do
        browser = create_app(settings, ground.database, queue).test_client()
        with browser.session_transaction() as session:
            session.update(user=staff, version=1, since=now().timestamp())
        times = {name: _times(browser, ADDRESS + query, visits) for name, query in PAGES.items()}
        times |= {f"file: {name}": _times(browser, f"{ADDRESS}/{name}", visits) for name in FILES}
        files = {name: browser.get(f"{ADDRESS}/{name}").data for name in FILES}
    with ground.database.reading() as session:
        cells, wrong = compared(session, "dl", files)
    return {"times": times, "cells": cells, "wrong": wrong}


def _times(browser: FlaskClient, path: str, visits: int) -> dict[str, float]:
    times_ms = []
    for _ in range(visits + 1):
        began_s = time.perf_counter()
        answer = browser.get(path)
        times_ms.append(1000 * (time.perf_counter() - began_s))
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status}")
    times_ms = times_ms[1:]  # the first reads templates that the others find ready
    return {
        "median_ms": round(statistics.median(times_ms), 1),
        "p95_ms": round(statistics.quantiles(times_ms, n=20)[-1], 1),
    }
