"""Runs that end before they have a result: cancelled by somebody, or replaced by a newer submission.

The job is left where it is: when its turn comes, it finds that there is nothing to claim, and ends.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import AttemptState, GradingRun, RunEvent, RunReason, RunState, Submission, User
from grader.jobs import audit
from grader.jobs.announcing import announce


def supersede(session: Session, course_unit_id: int, user_id: int, by: str) -> None:
    """Mark as superseded what the student has handed in for the unit and what still waits."""
    waiting = session.scalars(
        sa.select(GradingRun)
        .join(Submission, GradingRun.submission_id == Submission.id)
        .where(
            Submission.course_unit_id == course_unit_id,
            Submission.user_id == user_id,
            GradingRun.reason == RunReason.SUBMISSION,
            GradingRun.state == RunState.QUEUED,
        )
        .with_for_update(of=GradingRun)
    )
    for run in waiting:
        _end(session, run, RunState.SUPERSEDED)
        audit.record(session, "run.supersede", run, details={"by": by})


def cancel(session: Session, run: GradingRun, actor: User | None, address: str | None) -> bool:
    """End a run that waits or runs; return False if it was over already (see JobQueue.cancel)."""
    session.refresh(run, with_for_update={"of": GradingRun})
    if run.state.is_final:
        return False
    was = run.state
    _end(session, run, RunState.CANCELLED)
    audit.record(session, "run.cancel", run, actor, address, {"was": was.value})
    return True


def _end(session: Session, run: GradingRun, state: RunState) -> None:
    if run.state is RunState.QUEUED and run.reason is RunReason.SUBMISSION:
        run.submission.attempt = AttemptState.REFUNDED
    run.state = state
    run.finished_at = now()
    session.execute(sa.delete(RunEvent).where(RunEvent.run_id == run.id))
    announce(session, run)
