"""Which submissions grades come from, for many students at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import CourseUnit, GradeDecision, GradingRun, Submission
from grader.grades.grade import Decision, grade_of
from grader.grades.lateness import LatePolicy


@dataclass(frozen=True)
class _Attempt:
    """A submission, no more than a grade needs."""

    id: int
    number: int
    received_at: datetime
    score: float | None


def counting_submissions(
    session: Session, units: Sequence[CourseUnit], user_ids: Collection[int]
) -> set[int]:
    """Return the ids of the submissions from which these people's grades of these units come."""
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
    decisions = {
        (each.course_unit_id, each.user_id): Decision(each.kind, each.score, each.submission_id)
        for each in session.scalars(
            sa.select(GradeDecision).where(
                GradeDecision.course_unit_id.in_([unit.id for unit in units]),
                GradeDecision.user_id.in_(user_ids),
                GradeDecision.withdrawn_at.is_(None),
            )
        )
    }
    by_id = {unit.id: unit for unit in units}
    found: set[int] = set()
    for key, of_student in groupby(rows, key=lambda row: (row.course_unit_id, row.user_id)):
        unit = by_id[key[0]]
        policy = LatePolicy(unit.late_percent_per_day, unit.late_percent_cap, unit.late_grace_s)
        attempts = [_Attempt(row.id, row.number, row.received_at, row.score) for row in of_student]
        grade = grade_of(attempts, unit.counts, unit.deadline_at, policy, decisions.get(key))
        if grade.attempt_id is not None:
            found.add(grade.attempt_id)
    return found
