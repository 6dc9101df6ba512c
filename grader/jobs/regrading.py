"""Grading a submission once more, at the wish of staff."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import GradingRun, RunReason, RunState, Submission, User
from grader.jobs import audit
from grader.submissions.accept import MAX_SEED, Queue


def regrade(
    session: Session, queue: Queue, submission: Submission, actor: User, address: str | None = None
) -> GradingRun:
    """Queue another run of the submission and return it; it stands once it is graded.

    Runs that are there stay as they are. If one still waits or runs, that one is returned instead.
    """
    session.refresh(submission, with_for_update={"of": Submission})  # two at once make one run
    unfinished = session.scalar(
        sa.select(GradingRun).where(
            GradingRun.submission_id == submission.id,
            GradingRun.state.in_((RunState.QUEUED, RunState.RUNNING)),
            GradingRun.regrade_id.is_(None),
        )
    )
    if unfinished is not None:
        return unfinished
    run = GradingRun(
        submission_id=submission.id,
        reason=RunReason.REGRADE,
        requested_by_id=actor.id,
        stands=False,
        seed=secrets.randbelow(MAX_SEED),
    )
    session.add(run)
    session.flush()
    queue.add(session, run)
    audit.record(session, "run.regrade", run, actor, address)
    return run
