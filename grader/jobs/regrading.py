"""Grading a submission once more, at the wish of staff: anew, or as it was, to see whether it repeats."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import GradingRun, RunReason, RunState, Submission, UnitVersion, User
from grader.jobs import audit
from grader.submissions.accept import MAX_SEED, Queue


def regrade(
    session: Session, queue: Queue, submission: Submission, actor: User, address: str | None = None
) -> GradingRun:
    """Queue another run of the submission and return it; it stands once it is graded.

    Runs that are there stay as they are. If one still waits or runs, that one is returned instead.
    """
    unfinished = _unfinished(session, submission, GradingRun.decides)
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


def replay(
    session: Session, queue: Queue, submission: Submission, actor: User, address: str | None = None
) -> GradingRun | None:
    """Queue a repetition of the run that stands, with its seed, and return it; it never stands itself.

    It is graded by the files that the run was graded by, where those are kept, else by the present ones. If
    one still waits or runs, that one is returned instead. None if the run that stands was not graded.
    """
    unfinished = _unfinished(session, submission, GradingRun.repeats_run_id.is_not(None))
    if unfinished is not None:
        return unfinished
    standing = session.scalars(
        sa.select(GradingRun).where(GradingRun.submission_id == submission.id, GradingRun.stands)
    ).one()
    if standing.state is not RunState.GRADED:
        return None
    kept_version_id = session.scalar(
        sa.select(UnitVersion.id).where(
            UnitVersion.id == standing.unit_version_id, UnitVersion.content.is_not(None)
        )
    )
    run = GradingRun(
        submission_id=submission.id,
        reason=RunReason.REGRADE,
        requested_by_id=actor.id,
        stands=False,
        seed=standing.seed,
        repeats_run_id=standing.id,
        wanted_version_id=kept_version_id,
    )
    session.add(run)
    session.flush()
    queue.add(session, run)
    audit.record(session, "run.replay", run, actor, address, {"repeats": standing.id})
    return run


def _unfinished(
    session: Session, submission: Submission, is_of_kind: sa.SQLColumnExpression[bool]
) -> GradingRun | None:
    """Return the submission's run of this kind that waits or runs; two who ask at once get one answer."""
    session.refresh(submission, with_for_update={"of": Submission})
    return session.scalar(
        sa.select(GradingRun).where(
            GradingRun.submission_id == submission.id,
            GradingRun.state.in_((RunState.QUEUED, RunState.RUNNING)),
            is_of_kind,
        )
    )
