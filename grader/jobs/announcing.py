"""Telling others that a run is over, in the transaction that ends it; couriers send what is queued here."""

from __future__ import annotations

from sqlalchemy.orm import Session

from grader.db.models import GradingRun, RunState
from grader.pushes import statuses
from grader.webhooks import queueing


def announce(session: Session, run: GradingRun) -> None:
    """Queue what webhooks and commits' statuses tell of the run, which has just come to its end."""
    statuses.tell_of(session, run)
    if run.state is RunState.GRADED:
        queueing.announce(session, run)
