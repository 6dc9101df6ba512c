"""The cast of people, and factories for what they do: courses, units, submissions, runs with reports.

Ada and Ben are students of the course, Tara its TA, Ines its instructor; Abe is an admin who is in no
course, and Olaf has an account but belongs to nothing. Cora is a student of another course.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from grader.accounts import passwords
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import (
    Archive,
    Course,
    CourseUnit,
    Enrolment,
    GradingRun,
    Role,
    RunReason,
    RunState,
    Source,
    Submission,
    User,
)
from grader.jobs.publishing import store_result
from grader.judging.result import GradingResult, Status
from tests import cast

NAMES = ("Ada Byron", "Ben Okri", "Cora Lind", "Tara Rao", "Ines Sol", "Abe Stone", "Olaf Berg")
PASSWORD = "three oak leaves in November"


@dataclass(frozen=True)
class World:
    """Everyone, the course `dl` with its unit `nn`, and another course with Cora in it."""

    ada: User
    ben: User
    cora: User
    tara: User
    ines: User
    abe: User
    olaf: User
    course: Course
    other_course: Course
    unit: CourseUnit


def make_world(database: Database) -> World:
    """Store the whole cast with its courses; nothing is handed in yet."""
    with database.writing() as session:
        people = {
            name: make_person(session, name)
            for name in (
                "Ada Byron",
                "Ben Okri",
                "Cora Lind",
                "Tara Rao",
                "Ines Sol",
                "Abe Stone",
                "Olaf Berg",
            )
        }
        ada, ben, cora, tara, ines, abe, olaf = people.values()
        abe.is_admin = True
        course = make_course(session)
        other = make_course(session, slug="stats", title="Statistics")
        for person, role in ((ada, "student"), (ben, "student"), (tara, "ta"), (ines, "instructor")):
            enrol(session, course, person, Role(role))
        enrol(session, other, cora)
        unit = make_unit(session, course)
        return World(ada, ben, cora, tara, ines, abe, olaf, course, other, unit)


def make_person(session: Session, name: str, **fields: Any) -> User:
    """Store a person whose e-mail address is their first name at example.org, and who has no password."""
    email = f"{name.split()[0].lower()}@example.org"
    return _stored(session, User(**{"name": name, "email": email, **fields}))


@cache
def password_hash() -> str:
    """The hash of PASSWORD, computed once."""
    return passwords.hash_password(PASSWORD)


@pytest.fixture(autouse=True, scope="session")
def cheap_hashing() -> Iterator[None]:
    """Passwords are slow to check on purpose; a test that checks hundreds need not wait for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


def make_course(session: Session, **fields: Any) -> Course:
    return _stored(session, Course(**{"slug": "dl", "title": "Deep learning", **fields}))


def make_unit(session: Session, course: Course, **fields: Any) -> CourseUnit:
    usual = {"slug": "nn", "unit": "nn", "title": "Module 03 — A first neural network"}
    return _stored(session, CourseUnit(**{"course_id": course.id, **usual, **fields}))


def enrol(
    session: Session, course: Course, user: User, role: Role = Role.STUDENT, **fields: Any
) -> Enrolment:
    return _stored(session, Enrolment(course_id=course.id, user_id=user.id, role=role, **fields))


def make_submission(
    session: Session, unit: CourseUnit, user: User, content: bytes = b"PK made up", **fields: Any
) -> Submission:
    """Store a submission without any run; the archive's content need not be one."""
    sha256 = hashlib.sha256(content).hexdigest()
    if session.get(Archive, sha256) is None:
        _stored(session, Archive(sha256=sha256, size_bytes=len(content), content=content))
    earlier = session.query(Submission).filter_by(course_unit_id=unit.id, user_id=user.id).count()
    usual = {"number": earlier + 1, "source": Source.WEB, "filename": "nn.zip", "digest": sha256}
    return _stored(
        session,
        Submission(course_unit_id=unit.id, user_id=user.id, archive_sha256=sha256, **{**usual, **fields}),
    )


def make_run(
    session: Session, submission: Submission, result: GradingResult | None = None, **fields: Any
) -> GradingRun:
    """Store the standing run of a submission: graded with `result` (the reference's by default).

    With `state=RunState.QUEUED` or RUNNING there is no report yet.
    """
    state = fields.get("state", RunState.GRADED)
    usual: dict[str, Any] = {"reason": RunReason.SUBMISSION, "stands": True, "seed": 1, "state": state}
    if state is not RunState.QUEUED:
        usual |= {"fence": 1, "tries": 1, "started_at": now()}
    if not state.is_final or state in (RunState.CANCELLED, RunState.SUPERSEDED):
        return _stored(session, GradingRun(submission_id=submission.id, **{**usual, **fields}))
    result = result or (cast.reference() if state is RunState.GRADED else cast.grader_problem())
    usual |= {"finished_at": now(), "first_result_at": now(), "problem": result.problem or None}
    run: GradingRun = _stored(session, GradingRun(submission_id=submission.id, **{**usual, **fields}))
    if result.status is Status.GRADED:
        store_result(session, run, result)
    session.flush()
    return run


def _stored(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row
