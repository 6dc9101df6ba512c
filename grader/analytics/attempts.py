"""Everybody's attempts at a unit, read once, and which attempt of each student a statistic is about."""

from __future__ import annotations

import enum
import itertools
import math
import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import (
    CourseUnit,
    Enrolment,
    GradingRun,
    Role,
    RunState,
    Submission,
    User,
)
from grader.grades.loading import decisions_in_force, student_grade
from grader.grades.terms import unit_terms


class Attempt(NamedTuple):
    """A hand-in and the run that stands for it. `score` is None until it is graded.

    `passed_groups` are the test groups of which every test passed, with spaces between.
    """

    id: int
    user_id: int
    public_id: str
    number: int
    received_at: datetime
    run_id: int
    score: float | None
    max_score: float | None
    passed_groups: str | None

    @property
    def share(self) -> float:
        """The score as a share of full points, 0 to 1; 0 while there is none."""
        return min(1.0, max(0.0, (self.score or 0.0) / self.max_score)) if self.max_score else 0.0

    @property
    def is_full(self) -> bool:
        """Whether it earned full points."""
        return self.score is not None and self.max_score is not None and self.score >= self.max_score


class Which(enum.StrEnum):
    """Which attempt of each student a statistic is about."""

    COUNTING = "counting"
    LATEST = "latest"


@dataclass(frozen=True)
class Work:
    """What the students of a course have handed in for one unit.

    `names` has everybody who is a student now; `attempts` those who have handed in, each with the first
    attempt first; `counting` the attempt that gives each student's grade.
    """

    names: dict[int, str]
    attempts: dict[int, list[Attempt]]
    counting: dict[int, Attempt]

    def graded(self) -> Iterator[list[Attempt]]:
        """Yield each student's graded attempts, the first one first; students without any are left out."""
        for attempts in self.attempts.values():
            if graded := [attempt for attempt in attempts if attempt.score is not None]:
                yield graded

    def chosen(self, which: Which) -> list[Attempt]:
        """Return the one attempt of each student who has one that is graded."""
        if which is Which.COUNTING:
            return list(self.counting.values())
        return [graded[-1] for graded in self.graded()]

    def first(self) -> list[Attempt]:
        """Return each student's first graded attempt."""
        return [graded[0] for graded in self.graded()]


def read_work(session: Session, unit: CourseUnit) -> Work:
    """Return what today's students have handed in for the unit, by as many queries for 500 as for one."""
    students = session.execute(
        sa.select(User.id, User.name, Enrolment.section)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(
            Enrolment.course_id == unit.course_id,
            Enrolment.role == Role.STUDENT,
            Enrolment.ended_at.is_(None),
        )
        .order_by(User.name, User.id)
    ).all()
    names = {user_id: name for user_id, name, _ in students}
    every = sa.select(
        Submission.id,
        Submission.user_id,
        Submission.public_id,
        Submission.number,
        Submission.received_at,
        GradingRun.id,
        sa.case((GradingRun.state == RunState.GRADED, GradingRun.score)),
        GradingRun.max_score,
        GradingRun.passed_groups,
    )
    rows = session.connection().execute(  # rows without the ORM's work: there are tens of thousands
        every.join(GradingRun, sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands))
        .where(Submission.course_unit_id == unit.id)
        .order_by(Submission.user_id, Submission.number)
    )
    attempts = {
        user_id: list(group)
        for user_id, group in itertools.groupby(map(Attempt._make, rows), key=operator.itemgetter(1))
        if user_id in names
    }
    sections = {user_id: section for user_id, _, section in students}
    return Work(names, attempts, _counting(session, unit, attempts, sections))


def _counting(
    session: Session,
    unit: CourseUnit,
    attempts: dict[int, list[Attempt]],
    sections: dict[int, str | None],
) -> dict[int, Attempt]:
    """Return the attempt that counts, by student, as the rules and what staff decided have it."""
    terms, decisions = unit_terms(session, [unit])[unit.id], decisions_in_force(session, [unit])
    counting = {}
    for user_id, own in attempts.items():
        decision = decisions.get((unit.id, user_id))
        may_count = _may_count(own, None if decision is None else decision.submission_id)
        grade = student_grade(terms, user_id, sections[user_id], may_count, decision).grade
        found = next((each for each in may_count if each.id == grade.attempt_id), None)
        if found is not None:
            counting[user_id] = found
    return counting


def _may_count(attempts: list[Attempt], chosen_id: int | None) -> list[Attempt]:
    """Return the few graded attempts that can count by any rule, and the last one: most never can.

    What came later than an equal or better one is left out, since it loses no less to lateness.
    """
    graded = [attempt for attempt in attempts if attempt.score is not None]
    kept: list[Attempt] = []
    best, last_at = -math.inf, None
    for attempt in graded:
        score, at = attempt.score or 0.0, attempt.received_at
        is_out_of_order = last_at is not None and at < last_at
        if score > best or is_out_of_order or attempt.id == chosen_id or attempt is graded[-1]:
            kept.append(attempt)
        best, last_at = max(best, score), at if last_at is None else max(at, last_at)
    return kept


def run_ids(attempts: Sequence[Attempt]) -> list[int]:
    """Return the runs that stand for these attempts."""
    return [attempt.run_id for attempt in attempts]
