"""What a student has handed in for a unit, and which grade it gives; no report is read for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import AttemptState, CourseUnit, GradeDecision, GradingRun, RunState, Submission
from grader.grades.grade import Basis, Grade
from grader.grades.loading import StudentGrade, grades_of
from grader.judging.result import MAX_SCORE
from grader.results.visibility import Audience, is_withheld
from grader.submissions.policy import Terms


@dataclass(frozen=True)
class Attempt:
    """One submission and its standing run. `score` is None until it is graded, and for a problem of ours.

    `counts`: this is the one that gives the student's score for the unit. While grades are withheld,
    students see no score of any.
    """

    id: int
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
    """A student's attempts at one unit, the first one first, and the grade that they give.

    `terms` are the student's own; `decision` is what staff decided about the grade. While grades are
    withheld from whoever looks, `grade` and `decision` are None.
    """

    attempts: tuple[Attempt, ...]
    terms: Terms
    grade: Grade | None
    decision: GradeDecision | None = None

    @property
    def is_withheld(self) -> bool:
        """Whether whoever looks may not see scores yet."""
        return self.grade is None

    @property
    def max_score(self) -> float:
        """The points that could be had."""
        counting = self.counting
        return MAX_SCORE if counting is None or counting.max_score is None else counting.max_score

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


def history_of(
    session: Session, course_unit: CourseUnit, user_id: int, audience: Audience = Audience.STUDENT
) -> History:
    """Return what the student has handed in for the unit, as this audience may see it."""
    return histories_of(session, [course_unit], user_id, audience)[course_unit.id]


def histories_of(
    session: Session,
    course_units: Sequence[CourseUnit],
    user_id: int,
    audience: Audience = Audience.STUDENT,
) -> dict[int, History]:
    """Return what the student has handed in, by the unit's id; so many queries for any number of units."""
    rows = session.execute(
        sa.select(
            Submission.course_unit_id,
            Submission.id,
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
    for unit_id, own_id, public_id, number, received_at, is_late, attempt, *run in rows:
        is_refunded = attempt is AttemptState.REFUNDED
        by_unit[unit_id].append(Attempt(own_id, public_id, number, received_at, is_late, is_refunded, *run))
    graded = grades_of(session, course_units, user_id, by_unit)
    return {
        unit.id: _withheld(by_unit[unit.id], graded[unit.id])
        if is_withheld(unit, audience)
        else _history(by_unit[unit.id], graded[unit.id])
        for unit in course_units
    }


def _history(attempts: Sequence[Attempt], graded: StudentGrade) -> History:
    grade = graded.grade
    counting_id = grade.attempt_id if grade.basis in (Basis.ATTEMPT, Basis.CHOSEN) else None
    marked = (replace(each, counts=True) if each.id == counting_id else each for each in attempts)
    return History(tuple(marked), graded.terms, grade, graded.decision)


def _withheld(attempts: Sequence[Attempt], graded: StudentGrade) -> History:
    bare = (replace(each, score=None, max_score=None, mnist_accuracy=None) for each in attempts)
    return History(tuple(bare), graded.terms, None)
