"""Which submissions a regrade is about: those with a result that stands, as its scope says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import CourseUnit, Enrolment, GradingRun, RegradeScope, RunState, Submission
from grader.grades.grade import Grade
from grader.grades.loading import GradedAttempt, decisions_in_force, student_grade
from grader.grades.terms import unit_terms

WITH_A_RESULT = (RunState.GRADED, RunState.PROBLEM)


@dataclass(frozen=True)
class Standing:
    """A submission and the run of it that stands; `score` is None where that was a problem of ours."""

    submission_id: int
    user_id: int
    section: str | None
    number: int
    received_at: datetime
    run_id: int
    unit_version_id: int | None
    score: float | None


def standings(session: Session, course_unit: CourseUnit, of: sa.Select[int] | None = None) -> list[Standing]:
    """Return the unit's submissions that have a result, a student's in their order.

    `of` selects the ids of the students whose submissions are wanted.
    """
    query = (
        sa.select(
            Submission.id,
            Submission.user_id,
            Enrolment.section,
            Submission.number,
            Submission.received_at,
            GradingRun.id,
            GradingRun.unit_version_id,
            GradingRun.score,
        )
        .join(GradingRun, sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands))
        .join(
            Enrolment,
            sa.and_(Enrolment.user_id == Submission.user_id, Enrolment.course_id == course_unit.course_id),
            isouter=True,
        )
        .where(Submission.course_unit_id == course_unit.id, GradingRun.state.in_(WITH_A_RESULT))
        .order_by(Submission.user_id, Submission.number)
    )
    if of is not None:
        query = query.where(Submission.user_id.in_(of))
    return [Standing(*row) for row in session.execute(query)]


def chosen(session: Session, course_unit: CourseUnit, scope: RegradeScope) -> list[Standing]:
    """Return the submissions that a regrade of this scope is about, if it starts now."""
    found = standings(session, course_unit)
    if scope is RegradeScope.ALL:
        return found
    if scope is RegradeScope.LATEST:
        return list({each.user_id: each for each in found}.values())  # the last of each student
    counting = {grade.attempt_id for grade in grades(session, course_unit, found).values()}
    return [each for each in found if each.submission_id in counting]


def grades(
    session: Session,
    course_unit: CourseUnit,
    attempts: Iterable[Standing],
) -> dict[int, Grade]:
    """Return the unit's grade of each student who has one of these attempts, by the student's id."""
    by_student: dict[int, list[Standing]] = {}
    for each in attempts:
        by_student.setdefault(each.user_id, []).append(each)
    terms = unit_terms(session, [course_unit])[course_unit.id]
    decisions = decisions_in_force(session, [course_unit])
    return {
        user_id: student_grade(
            terms,
            user_id,
            own[0].section,
            [GradedAttempt(each.submission_id, each.number, each.received_at, each.score) for each in own],
            decisions.get((course_unit.id, user_id)),
        ).grade
        for user_id, own in by_student.items()
    }
