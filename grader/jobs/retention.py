"""Forgetting what nobody needs any more. Runs, their reports and audit events are kept for ever."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from dbos import DBOS

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import GradingRun, RunEvent, RunState, SignInAttempt, WebhookAttempt, WebhookDelivery

FINISHED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
BATCH = 500
JOBS_KEPT = timedelta(days=1)
SIGN_IN_ATTEMPTS_KEPT = timedelta(days=1)
DELIVERIES_KEPT = timedelta(days=60)
FINAL = [state for state in RunState if state.is_final]


def forget_rows(database: Database) -> None:
    """Delete failed sign-ins older than a day, progress of runs that are over, and old webhook deliveries."""
    with database.writing() as session:
        session.execute(sa.delete(SignInAttempt).where(SignInAttempt.at < now() - SIGN_IN_ATTEMPTS_KEPT))
        over = sa.select(GradingRun.id).where(GradingRun.state.in_(FINAL))
        session.execute(sa.delete(RunEvent).where(RunEvent.run_id.in_(over)))
        old = sa.select(WebhookDelivery.id).where(
            WebhookDelivery.created_at < now() - DELIVERIES_KEPT, WebhookDelivery.next_try_at.is_(None)
        )
        session.execute(sa.delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(old)))
        session.execute(sa.delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)))


def forget_finished_jobs() -> None:
    """Delete jobs that have been over for a day; only where the job engine runs."""
    until = (now() - JOBS_KEPT).isoformat()
    while finished := DBOS.list_workflows(
        status=list(FINISHED), completed_before=until, limit=BATCH, load_input=False, load_output=False
    ):
        DBOS.delete_workflows([job.workflow_id for job in finished])
