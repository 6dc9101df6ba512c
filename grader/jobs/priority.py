"""Whose run goes first: the fewer runs a student had lately, the sooner the next one."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import GradingRun, RunReason, RunState, Submission

LATELY = timedelta(hours=1)


def priority_of(session: Session, run: GradingRun) -> int:
    """Return the run's priority: 1, and one more for each run that its student has waiting or running,
    or had started within the last hour. A lower one goes first, so a burst delays only its author."""
    student = sa.select(Submission.user_id).where(Submission.id == run.submission_id).scalar_subquery()
    others = session.scalar(
        sa.select(sa.func.count())
        .select_from(GradingRun)
        .join(Submission, GradingRun.submission_id == Submission.id)
        .where(
            Submission.user_id == student,
            GradingRun.reason == RunReason.SUBMISSION,
            GradingRun.id != run.id,
            GradingRun.state.in_((RunState.QUEUED, RunState.RUNNING))
            | (GradingRun.started_at > now() - LATELY),
        )
    )
    return 1 + (others or 0)
