"""What becomes of a run when we fail: another try after a pause, and in the end a problem, never a zero."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import AttemptState, GradingRun, RunEvent, RunReason, RunState
from grader.jobs import audit
from grader.jobs.announcing import announce
from grader.jobs.queue import JobQueue

PAUSES_S = (2.0, 20.0, 120.0)  # before the second, third and fourth try; there is no fifth
MAX_PROBLEM_CHARS = 4_000


def record_failure(
    session: Session, queue: JobQueue, run_id: int, tries: int, text: str, fence: int | None = None
) -> GradingRun | None:
    """Count our failure in the run's try: queue the next try, or give up and give the attempt back.

    `text` says to staff what went wrong. Returns the run, or None if it is over, at another try, or, where
    `fence` is given, no longer held under it: then nothing is changed.
    """
    run = session.scalars(sa.select(GradingRun).where(GradingRun.id == run_id).with_for_update()).one()
    if run.state.is_final or run.tries != tries or (fence is not None and run.fence != fence):
        return None
    session.execute(sa.delete(RunEvent).where(RunEvent.run_id == run.id))
    run.problem = text.replace("\0", "")[:MAX_PROBLEM_CHARS]  # PostgreSQL takes no NUL in a text
    run.tries += 1
    run.worker_id = None
    if run.tries <= len(PAUSES_S):
        run.state = RunState.QUEUED
        run.started_at = None
        queue.add(session, run, delay_s=PAUSES_S[run.tries - 1])
        return run
    run.state = RunState.PROBLEM
    run.finished_at = now()
    if run.reason is RunReason.SUBMISSION:
        run.submission.attempt = AttemptState.REFUNDED
    if run.decides:  # else it concerns nobody but staff, who see it where they asked for it
        announce(session, run)
        audit.record(session, "run.problem", run, details={"problem": run.problem, "tries": run.tries})
    return run
