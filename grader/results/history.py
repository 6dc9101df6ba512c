"""What a student has handed in for a unit, and which of it counts; no report is read for that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import AttemptState, Counting, CourseUnit, GradingRun, RunState, Submission


@dataclass(frozen=True)
class Attempt:
    """One submission and its standing run. `score` is None until it is graded, and for a problem of ours.

    `counts`: this is the one that gives the student's score for the unit.
    """

    public_id: str
    number: int
    received_at: datetime
    is_late: bool
    is_refunded: bool
    state: RunState
    score: float | None
    max_score: float | None
    mnist_accuracy: float | None
    counts: bool = False


@dataclass(frozen=True)
class History:
    """A student's attempts at one unit, the first one first."""

    attempts: tuple[Attempt, ...]

    @property
    def counting(self) -> Attempt | None:
        """The attempt that counts; None while nothing is graded."""
        return next((attempt for attempt in self.attempts if attempt.counts), None)

    @property
    def used(self) -> int:
        """How many attempts are used up; those given back are not."""
        return sum(not attempt.is_refunded for attempt in self.attempts)

    @property
    def graded(self) -> tuple[Attempt, ...]:
        """The attempts that have a score, the first one first."""
        return tuple(attempt for attempt in self.attempts if attempt.score is not None)


def history_of(session: Session, course_unit: CourseUnit, user_id: int) -> History:
    """Return what the student has handed in for the unit."""
    return histories_of(session, [course_unit], user_id)[course_unit.id]


def histories_of(session: Session, course_units: Sequence[CourseUnit], user_id: int) -> dict[int, History]:
    """Return what the student has handed in, by the unit's id, with one query for all units."""
    rows = session.execute(
        sa.select(
            Submission.course_unit_id,
            Submission.public_id,
            Submission.number,
            Submission.received_at,
            Submission.is_late,
            Submission.attempt,
            GradingRun.state,
            GradingRun.score,
            GradingRun.max_score,
            GradingRun.mnist_accuracy,
        )
        .join(GradingRun, sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands))
        .where(
            Submission.course_unit_id.in_([unit.id for unit in course_units]), Submission.user_id == user_id
        )
        .order_by(Submission.course_unit_id, Submission.number)
    )
    by_unit: dict[int, list[Attempt]] = {unit.id: [] for unit in course_units}
    for unit_id, public_id, number, received_at, is_late, attempt, *run in rows:
        is_refunded = attempt is AttemptState.REFUNDED
        by_unit[unit_id].append(Attempt(public_id, number, received_at, is_late, is_refunded, *run))
    return {unit.id: _history(by_unit[unit.id], unit.counts) for unit in course_units}


def counting_attempt(attempts: Iterable[Attempt], counts: Counting) -> Attempt | None:
    """Return the attempt that counts: the best score, the first of equals; or the latest that is graded."""
    graded = [attempt for attempt in attempts if attempt.score is not None]
    if not graded:
        return None
    if counts is Counting.LATEST:
        return max(graded, key=lambda attempt: attempt.number)
    return max(graded, key=lambda attempt: (attempt.score or 0.0, -attempt.number))


def _history(attempts: Sequence[Attempt], counts: Counting) -> History:
    counting = counting_attempt(attempts, counts)
    return History(
        tuple(replace(attempt, counts=True) if attempt is counting else attempt for attempt in attempts)
    )
