"""A course at the end of its term: everybody has handed in many times, everything is graded."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import (
    Archive,
    Course,
    CourseUnit,
    Enrolment,
    GradingRun,
    Role,
    RunEvent,
    RunReason,
    RunState,
    RunTest,
    Source,
    Submission,
    User,
)
from grader.db.models.submissions import new_public_id
from grader.jobs.publishing import passed_groups
from grader.judging.result import GradingResult
from tests.cast import crashing, half_done, reference, template, too_slow

RESULTS = (template, half_done, crashing, half_done, too_slow, reference)
STATES = (RunState.QUEUED, RunState.RUNNING)
BATCH = 500
STORE_PACKED = "INSERT INTO run_reports (run_id, report) VALUES (:run_id, :report)"  # each is one of a few
ARCHIVE = b"PK" + bytes(20_000)


@dataclass(frozen=True)
class Term:
    """Whose pages are asked for. Students and their graded submissions' public ids; those still in work."""

    students: list[int]
    staff: int
    submissions: dict[int, list[str]]
    in_work: dict[RunState, str]


def fill(database: Database, students: int, each: int) -> Term:
    """Store the course `dl` with its unit `nn`, where each student has handed in so often; return who did."""
    draw = random.Random(1)
    with database.writing() as session:
        course = Course(slug="dl", title="Deep learning")
        people = [
            User(name=f"{name} Student{number:03}", email=f"student{number}@example.org")
            for number, name in zip(range(students), _first_names(draw), strict=False)
        ]
        staff = User(name="Tara Rao", email="tara@example.org")
        session.add_all([course, staff, *people, Archive(sha256="0" * 64, size_bytes=1, content=ARCHIVE)])
        session.flush()
        unit = CourseUnit(
            course_id=course.id, slug="nn", unit="nn", title="A first neural network", deadline_at=now()
        )
        session.add(unit)
        session.add_all(Enrolment(course_id=course.id, user_id=user.id, role=Role.STUDENT) for user in people)
        session.add(Enrolment(course_id=course.id, user_id=staff.id, role=Role.TA))
        session.flush()
        unit_id, staff_id, ids = unit.id, staff.id, [user.id for user in people]
    _hand_in(database, unit_id, ids, each, draw)
    in_work = {
        state: _in_work(database, unit_id, ids[0], each + 1 + n, state) for n, state in enumerate(STATES)
    }
    with database.reading() as session:
        rows = session.execute(
            sa.select(Submission.user_id, Submission.public_id)
            .where(Submission.number <= each)
            .order_by(Submission.number)
        )
        submissions: dict[int, list[str]] = {user_id: [] for user_id in ids}
        for user_id, public_id in rows:
            submissions[user_id].append(public_id)
    return Term(ids, staff_id, submissions, in_work)


def _hand_in(database: Database, unit_id: int, students: list[int], each: int, draw: random.Random) -> None:
    results = [make() for make in RESULTS]
    packed = [
        zlib.compress(json.dumps(result.to_json(), separators=(",", ":")).encode(), level=6)
        for result in results
    ]
    begin = now() - timedelta(days=60)
    work = [(number, student) for number in range(1, each + 1) for student in students]
    for start in range(0, len(work), BATCH):
        rows: dict[Any, list[dict[str, Any]]] = {Submission: [], GradingRun: [], RunTest: []}
        reports = []
        for row_id, (number, student) in enumerate(work[start : start + BATCH], start=start + 1):
            at = begin + timedelta(seconds=row_id * 5_000_000 / len(work))
            which = min(len(results) - 1, int(draw.random() * (1 + 6 * number / each)))
            rows[Submission].append(submission_row(row_id, unit_id, student, number, at))
            rows[GradingRun].append(_run(row_id, results[which], at))
            rows[RunTest] += _tests(row_id, results[which])
            reports.append({"run_id": row_id, "report": packed[which]})
        with database.writing() as session:
            for table, values in rows.items():
                session.execute(sa.insert(table), values)
            # packed already: every report is one of a few
            session.execute(
                sa.text("INSERT INTO run_reports (run_id, report) VALUES (:run_id, :report)"), reports
            )
    with database.writing() as session:
        if database.engine.dialect.name == "postgresql":  # ids were given: the counters must follow
            for table_name in (Submission.__tablename__, GradingRun.__tablename__):
                session.execute(
                    sa.text(
                        f"SELECT setval(pg_get_serial_sequence('{table_name}', 'id'), "
                        f"(SELECT max(id) FROM {table_name}))"
                    )
                )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def submission_row(row_id: int, unit_id: int, student: int, number: int, at: datetime) -> dict[str, Any]:
    """Return the row of a made-up submission: the student's `number`th of the unit."""
    return {
        "id": row_id,
        "public_id": new_public_id(),
        "course_unit_id": unit_id,
        "user_id": student,
        "number": number,
        "source": Source.WEB,
        "filename": "nn.zip",
        "archive_sha256": "0" * 64,
        "digest": "sha256:0",
        "received_at": at,
    }


def _run(row_id: int, result: GradingResult, at: Any) -> dict[str, Any]:
    mnist = result.mnist
    return {
        "id": row_id,
        "submission_id": row_id,
        "reason": RunReason.SUBMISSION,
        "state": RunState.GRADED,
        "stands": True,
        "seed": 1,
        "fence": 1,
        "tries": 1,
        "queued_at": at,
        "started_at": at,
        "first_result_at": at,
        "finished_at": at + timedelta(seconds=30),
        "score": result.score,
        "max_score": result.max_score,
        "passed_groups": passed_groups(result),
        "mnist_accuracy": None if mnist is None else mnist.accuracy,
        "mnist_ratio": None if mnist is None else mnist.ratio,
    }


def _tests(row_id: int, result: GradingResult) -> list[dict[str, Any]]:
    return [
        {
            "run_id": row_id,
            "position": position,
            "test_id": test.id,
            "visibility": test.visibility.value,
            "test_group": test.group,
            "outcome": test.outcome.value,
            "points": test.points,
            "max_points": test.max_points,
            "hint_code": None if test.hint is None else test.hint.code,
            "duration_s": test.duration_s,
        }
        for position, test in enumerate(result.tests)
    ]


def _in_work(database: Database, unit_id: int, student: int, number: int, state: RunState) -> str:
    """Store one more submission in this state, with its events so far; return its public id."""
    with database.writing() as session:
        values = submission_row(0, unit_id, student, number, now())
        submission = Submission(**{name: value for name, value in values.items() if name != "id"})
        session.add(submission)
        session.flush()
        run = GradingRun(
            submission_id=submission.id,
            reason=RunReason.SUBMISSION,
            state=state,
            stands=True,
            seed=1,
            fence=1,
        )
        session.add(run)
        session.flush()
        if state is RunState.RUNNING:
            tests = half_done().tests
            for done, test in enumerate(tests, start=1):
                data = {"result": asdict(test), "done": done, "total": len(tests)}
                session.add(RunEvent(run_id=run.id, fence=1, number=done, kind="test", data=data))
        return submission.public_id


def _first_names(draw: random.Random) -> Iterator[str]:
    while True:
        yield draw.choice(("Ada", "Ben", "Cora", "Dev", "Eva", "Finn", "Gita", "Hal", "Ida", "Jan"))
