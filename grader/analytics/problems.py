"""Runs that met a problem of the grader's own."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.db.models import CourseUnit, GradingRun, RunState, Submission

SHOWN = 20


def problem_runs(session: Session, course_id: int) -> Sequence[GradingRun]:
    """Return the course's latest runs that ended with a problem, or are tried again after one."""
    about = joinedload(GradingRun.submission)
    return session.scalars(
        sa.select(GradingRun)
        .join(Submission, GradingRun.submission_id == Submission.id)
        .join(CourseUnit, Submission.course_unit_id == CourseUnit.id)
        .where(
            CourseUnit.course_id == course_id,
            sa.or_(
                GradingRun.state == RunState.PROBLEM,
                sa.and_(
                    GradingRun.state.in_((RunState.QUEUED, RunState.RUNNING)), GradingRun.problem.is_not(None)
                ),
            ),
        )
        .options(about.joinedload(Submission.user), about.joinedload(Submission.course_unit))
        .order_by(GradingRun.queued_at.desc(), GradingRun.id.desc())
        .limit(SHOWN)
    ).all()
