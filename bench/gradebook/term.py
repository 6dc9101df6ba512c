"""A course of several units at the end of its term, with everything that bears on a grade."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.pages.term import submission_row
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import (
    Allowance,
    Archive,
    Counting,
    Course,
    CourseUnit,
    DecisionKind,
    Enrolment,
    GradeDecision,
    GradingRun,
    Role,
    RubricItem,
    RubricMark,
    RunReason,
    RunState,
    Submission,
    User,
)

BATCH = 1000
SECTIONS = ("A", "B", "C", None)
NAMES = ("Ada", "Ben", "Çağla", "Dev", "=cmd|' /C calc'!A1", "Eva, M.A.", "-Finn", 'Gita "G"', "Hàn", "Jan")
TERMS: tuple[dict[str, Any], ...] = (  # of one unit after the other
    {"late_percent_per_day": 10.0, "late_percent_cap": 35.0, "late_grace_s": 3600},
    {"counts": Counting.LATEST, "late_percent_per_day": 7.0},
    {"deadline_at": None},
    {"are_grades_withheld": True, "late_percent_per_day": 33.3},
    {"counts": Counting.LATEST},
)
ODD_STATES = (RunState.QUEUED, RunState.RUNNING, RunState.PROBLEM, RunState.SUPERSEDED, RunState.CANCELLED)


def fill(database: Database, students: int, each: int, units: int = len(TERMS)) -> int:
    """Store the course `dl` in which each student has handed in so often, in all; return a TA's id."""
    draw = random.Random(1)
    begin = now().replace(microsecond=0) - timedelta(days=60)
    with database.writing() as session:
        course = Course(slug="dl", title="Deep learning")
        staff = User(name="Tara Rao", email="tara@example.org")
        people = [
            User(name=f"{draw.choice(NAMES)} Student{number:03}", email=f"student{number}@example.org")
            for number in range(students)
        ]
        session.add_all([course, staff, *people, Archive(sha256="0" * 64, size_bytes=2, content=b"PK")])
        session.flush()
        session.add(Enrolment(course_id=course.id, user_id=staff.id, role=Role.TA))
        session.add_all(_enrolment(course.id, person.id, number) for number, person in enumerate(people))
        taken = [
            CourseUnit(
                **{
                    "course_id": course.id,
                    "slug": f"unit-{number}",
                    "unit": "nn",
                    "title": f"Module {number:02} — Part {number} of the course",
                    "position": number,
                    "deadline_at": begin + timedelta(days=13 + 5 * number),
                    **TERMS[(number - 1) % len(TERMS)],
                }
            )
            for number in range(1, units + 1)
        ]
        session.add_all(taken)
        session.flush()
        staff_id, unit_ids, ids = staff.id, [unit.id for unit in taken], [person.id for person in people]
    for submissions, runs in _work(draw, begin, unit_ids, ids, each // units):
        with database.writing() as session:
            session.execute(sa.insert(Submission), submissions)
            session.execute(sa.insert(GradingRun), runs)
    with database.writing() as session:
        _decide(session, draw, unit_ids, ids, staff_id)
    if database.engine.dialect.name == "postgresql":  # which would do it by itself before long
        with database.writing() as session:
            session.execute(sa.text("ANALYZE"))
    return staff_id


def _enrolment(course_id: int, user_id: int, number: int) -> Enrolment:
    return Enrolment(
        course_id=course_id,
        user_id=user_id,
        role=Role.STUDENT,
        student_number=None if number % 7 == 0 else f"0{100_000 + number}",
        section=SECTIONS[number % len(SECTIONS)],
        ended_at=now() if number % 50 == 49 else None,
    )


def _work(
    draw: random.Random, begin: datetime, unit_ids: list[int], students: list[int], each: int
) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """Yield rows of submissions and of their runs, so many for each student and unit, in batches."""
    work = [
        (unit, student, number)
        for number in range(1, each + 1)
        for unit in unit_ids
        for student in students
        if (student + unit) % 29  # some have not handed in
    ]
    run_id = 0
    for start in range(0, len(work), BATCH):
        submissions, runs = [], []
        for row_id, (unit, student, number) in enumerate(work[start : start + BATCH], start=start + 1):
            days = 4 + 5 * unit_ids.index(unit) + 18 * number / each  # up to five days after the deadline
            at = begin + timedelta(days=days, seconds=draw.uniform(-90_000, 90_000))
            submissions.append(submission_row(row_id, unit, student, number, at))
            is_odd = draw.random() < 0.03
            if not is_odd and draw.random() < 0.05:
                runs.append(_run(run_id := run_id + 1, row_id, _score(draw), at, stands=False))
            score = None if is_odd else _score(draw)
            state = draw.choice(ODD_STATES) if is_odd else RunState.GRADED
            runs.append(_run(run_id := run_id + 1, row_id, score, at, state=state))
        yield submissions, runs


def _score(draw: random.Random) -> float:
    """Return a score that others have too."""
    return min(100.0, round(draw.triangular(0, 110, 80)) + draw.choice((0.0, 0.25, 0.33, 0.5)))


def _run(
    row_id: int,
    submission_id: int,
    score: float | None,
    at: datetime,
    *,
    stands: bool = True,
    state: RunState = RunState.GRADED,
) -> dict[str, Any]:
    return {
        "id": row_id,
        "submission_id": submission_id,
        "reason": RunReason.SUBMISSION,
        "state": state,
        "stands": stands,
        "seed": 1,
        "fence": 1,
        "tries": 1,
        "queued_at": at,
        "score": score,
        "max_score": None if score is None else 100.0,
    }


def _decide(
    session: Session, draw: random.Random, unit_ids: list[int], students: list[int], staff_id: int
) -> None:
    """Store allowances, decisions and marks of rubrics, some of them withdrawn or retired."""
    for unit in session.scalars(sa.select(CourseUnit).where(CourseUnit.id.in_(unit_ids))).all():
        later = (unit.deadline_at or now()) + timedelta(days=4)
        granted = {"course_unit_id": unit.id, "reason": "Illness", "granted_by_id": staff_id}
        session.add(Allowance(**granted, section="B", deadline_at=later))
        session.add(Allowance(**granted, section="A", deadline_at=later, withdrawn_at=now()))
        for student in draw.sample(students, len(students) // 20):
            session.add(Allowance(**granted, user_id=student, deadline_at=later + timedelta(days=2)))
        for student in draw.sample(students, len(students) // 10):
            session.add(_decision(session, draw, unit.id, student, staff_id))
        items = [
            RubricItem(course_unit_id=unit.id, title="Plots", max_points=10.0),
            RubricItem(course_unit_id=unit.id, title="Answers", max_points=5.5),
            RubricItem(course_unit_id=unit.id, title="Old", max_points=3.0, retired_at=now()),
        ]
        if unit.id % 2:
            session.add_all(items)
            session.flush()
            session.add_all(
                RubricMark(
                    item_id=item.id,
                    user_id=student,
                    points=round(draw.uniform(0, item.max_points), 2),
                    marked_by_id=staff_id,
                )
                for student in students
                for item in items
                if draw.random() < 0.8
            )


def _decision(
    session: Session, draw: random.Random, unit_id: int, student: int, staff_id: int
) -> GradeDecision:
    kind = draw.choice(list(DecisionKind))
    handed_in = session.scalars(
        sa.select(Submission.id).where(Submission.course_unit_id == unit_id, Submission.user_id == student)
    ).all()
    if kind is DecisionKind.SUBMISSION and not handed_in:
        kind = DecisionKind.EXCUSED
    return GradeDecision(
        course_unit_id=unit_id,
        user_id=student,
        kind=kind,
        score=_score(draw) if kind is DecisionKind.SCORE else None,
        submission_id=draw.choice(handed_in) if kind is DecisionKind.SUBMISSION else None,
        reason="Talked about it",
        decided_by_id=staff_id,
        withdrawn_at=now() if draw.random() < 0.2 else None,
    )
