"""Which submissions grades come from, for many students at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import CourseUnit, Enrolment, GradingRun, Submission
from grader.grades.loading import GradedAttempt, decisions_in_force, student_grade
from grader.grades.terms import unit_terms


def counting_submissions(
    session: Session, units: Sequence[CourseUnit], user_ids: Collection[int]
) -> set[int]:
    """Return the ids of the submissions from which these people's grades of a course's units come."""
    if not user_ids:
        return set()
    rows = session.execute(
        sa.select(
            Submission.course_unit_id,
            Submission.user_id,
            Submission.id,
            Submission.number,
            Submission.received_at,
            GradingRun.score,
        )
        .join(GradingRun, sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands))
        .where(
            Submission.course_unit_id.in_([unit.id for unit in units]),
            Submission.user_id.in_(user_ids),
        )
        .order_by(Submission.course_unit_id, Submission.user_id)
    )
    terms = unit_terms(session, units)
    decisions = decisions_in_force(session, units, user_ids)
    sections = _sections(session, units, user_ids)
    found: set[int] = set()
    for key, of_student in groupby(rows, key=lambda row: (row.course_unit_id, row.user_id)):
        unit_id, user_id = key
        attempts = [GradedAttempt(row.id, row.number, row.received_at, row.score) for row in of_student]
        own = student_grade(terms[unit_id], user_id, sections.get(user_id), attempts, decisions.get(key))
        if own.grade.attempt_id is not None:
            found.add(own.grade.attempt_id)
    return found


def _sections(
    session: Session, units: Sequence[CourseUnit], user_ids: Collection[int]
) -> dict[int, str | None]:
    rows = session.execute(
        sa.select(Enrolment.user_id, Enrolment.section).where(
            Enrolment.course_id.in_({unit.course_id for unit in units}), Enrolment.user_id.in_(user_ids)
        )
    )
    return {row.user_id: row.section for row in rows}
