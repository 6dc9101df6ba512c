"""Everybody's attempts at a unit, read once, and which attempt of each student a statistic is about."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import (
    CourseUnit,
    Enrolment,
    GradeDecision,
    GradingRun,
    Role,
    RunState,
    Submission,
    User,
)
from grader.grades.grade import Decision, grade_of
from grader.grades.lateness import LatePolicy


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
    """Return what today's students have handed in for the unit, with two queries and one for decisions."""
    students = session.execute(
        sa.select(User.id, User.name)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(
            Enrolment.course_id == unit.course_id,
            Enrolment.role == Role.STUDENT,
            Enrolment.ended_at.is_(None),
        )
        .order_by(User.name, User.id)
    )
    names = dict(students.all())
    rows = session.execute(
        sa.select(
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
        .join(GradingRun, sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands))
        .where(Submission.course_unit_id == unit.id)
        .order_by(Submission.user_id, Submission.number)
    )
    attempts = {
        user_id: list(group)
        for user_id, group in itertools.groupby(map(Attempt._make, rows), key=lambda attempt: attempt.user_id)
        if user_id in names
    }
    return Work(names, attempts, _counting(session, unit, attempts))


def _counting(session: Session, unit: CourseUnit, attempts: dict[int, list[Attempt]]) -> dict[int, Attempt]:
    """Return the attempt that counts, by student, as the rules and what staff decided have it."""
    decisions = {
        decision.user_id: Decision(decision.kind, decision.score, decision.submission_id)
        for decision in session.scalars(
            sa.select(GradeDecision).where(
                GradeDecision.course_unit_id == unit.id, GradeDecision.withdrawn_at.is_(None)
            )
        )
    }
    policy = LatePolicy(unit.late_percent_per_day, unit.late_percent_cap, unit.late_grace_s)
    counting = {}
    for user_id, own in attempts.items():
        grade = grade_of(own, unit.counts, unit.deadline_at, policy, decisions.get(user_id))
        found = next((each for each in own if each.id == grade.attempt_id and each.score is not None), None)
        if found is not None:
            counting[user_id] = found
    return counting


def run_ids(attempts: Sequence[Attempt]) -> list[int]:
    """Return the runs that stand for these attempts."""
    return [attempt.run_id for attempt in attempts]
