"""The pages that are asked for, and how long the service works on each."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from bench.pages.term import Term
from grader.db.base import now
from grader.db.models import RunState

SEED = 2
Path = Callable[[int], str]  # of a student's id


def measure(app: Flask, term: Term, visits: int) -> dict[str, dict[str, float]]:
    """Ask for each page so often, every time of another student; return median and 95th percentile in ms."""
    found = {}
    for name, (asker, path) in _pages(term).items():
        draw = random.Random(SEED)
        students = [draw.choice(term.students) for _ in range(visits + 1)]
        times_ms = [_visit(app, student if asker is None else asker, path(student)) for student in students]
        times_ms = times_ms[1:]  # the first reads templates and files that the others find ready
        found[name] = {
            "median_ms": round(statistics.median(times_ms), 1),
            "p95_ms": round(statistics.quantiles(times_ms, n=20)[-1], 1),
        }
    return found


def _pages(term: Term) -> dict[str, tuple[int | None, Path]]:
    """Return each page's asker (None: the student) and path."""

    def newest(student: int) -> str:
        return f"/submissions/{term.submissions[student][-1]}"

    def compared(student: int) -> str:
        first, *_, last = term.submissions[student]
        return f"/courses/dl/nn/compare?from={first}&to={last}"

    waiting, running = (
        f"/submissions/{term.in_work[state]}" for state in (RunState.QUEUED, RunState.RUNNING)
    )
    owner, staff, unit = term.students[0], term.staff, "/courses/dl/nn/"
    return {
        "front page": (None, lambda student: "/"),
        "course": (None, lambda student: "/courses/dl/"),
        "unit, with history and chart": (None, lambda student: unit),
        "result": (None, newest),
        "result, for staff": (staff, newest),
        "waiting": (owner, lambda student: waiting),
        "being graded": (owner, lambda student: running),
        "progress, nothing new": (owner, lambda student: f"{running}/progress?after=1000"),
        "comparison of two attempts": (None, compared),
        "report as JSON": (None, lambda student: f"{newest(student)}/report.json"),
        "archive": (None, lambda student: f"{newest(student)}/archive"),
        "staff: all submissions, newest": (staff, lambda student: f"{unit}submissions"),
        "staff: all submissions, oldest": (staff, lambda student: f"{unit}submissions?page=10000"),
        "staff: search by name": (staff, lambda student: f"{unit}submissions?q=student{student % 100}"),
        "staff: people of the course": (staff, lambda student: "/courses/dl/people"),
        "staff: review queue": (staff, lambda student: "/courses/dl/review"),
        "staff: decisions": (staff, lambda student: "/courses/dl/decisions"),
        "staff: grading queue": (staff, lambda student: "/courses/dl/queue"),
        "staff: one student in the unit": (staff, lambda student: f"{unit}students/{student}"),
        "staff: rubric": (staff, lambda student: f"{unit}rubric"),
        "staff: regrades": (staff, lambda student: f"{unit}regrades"),
        "staff: analytics": (staff, lambda student: f"{unit}analytics"),
        "staff: who is told a hint": (staff, lambda student: f"{unit}analytics/hint?code=not-implemented"),
    }


def _visit(app: Flask, person: int, path: str) -> float:
    """Ask for the page with this person's session; return the time in milliseconds."""
    browser: FlaskClient = app.test_client()
    with browser.session_transaction() as session:
        session.update(user=person, version=1, since=now().timestamp())
    began_s = time.perf_counter()
    answer = browser.get(path)
    took_ms = 1000 * (time.perf_counter() - began_s)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return took_ms
