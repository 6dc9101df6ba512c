"""Pausing, resuming and cancelling a regrade, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import GradingRun, Regrade, RegradedSubmission, RegradeState, RunEvent, RunState, User
from grader.regrades.feeding import UNFINISHED
from grader.regrades.starting import lock, record


@dataclass(frozen=True)
class Progress:
    """How many of a regrade's submissions there are, and where their runs are."""

    total: int
    graded: int
    problems: int
    under_way: int  # in the queue, or being graded

    @property
    def done(self) -> int:
        """How many are over."""
        return self.graded + self.problems


def progress(session: Session, regrade: Regrade) -> Progress:
    """Return how far the regrade is."""
    counted = session.execute(
        sa.select(GradingRun.state, sa.func.count())
        .select_from(RegradedSubmission)
        .join(GradingRun, RegradedSubmission.run_id == GradingRun.id, isouter=True)
        .where(RegradedSubmission.regrade_id == regrade.id)
        .group_by(GradingRun.state)
    )
    by_state: dict[RunState | None, int] = {state: count for state, count in counted}  # noqa: C416
    graded = by_state.get(RunState.GRADED, 0)
    under_way = sum(by_state.get(state, 0) for state in UNFINISHED)
    total = sum(by_state.values())
    return Progress(total, graded, total - graded - under_way - by_state.get(None, 0), under_way)


def pause(session: Session, regrade: Regrade, actor: User, address: str | None = None) -> None:
    """Begin no more runs; those few that are in the queue already are still done."""
    lock(session, regrade, RegradeState.RUNNING)
    regrade.state = RegradeState.PAUSED
    record(session, "regrade.pause", regrade, actor, address)


def resume(session: Session, regrade: Regrade, actor: User, address: str | None = None) -> None:
    """Go on where it was paused."""
    lock(session, regrade, RegradeState.PAUSED)
    regrade.state = RegradeState.RUNNING
    record(session, "regrade.resume", regrade, actor, address)


def cancel(session: Session, regrade: Regrade, actor: User, address: str | None = None) -> None:
    """End it for good: nothing of it counts. What is being graded is stopped by its worker in moments."""
    lock(session, regrade, RegradeState.RUNNING, RegradeState.PAUSED, RegradeState.READY)
    regrade.state, regrade.finished_at = RegradeState.CANCELLED, now()
    under_way = session.scalars(
        sa.select(GradingRun.id)
        .where(GradingRun.regrade_id == regrade.id, GradingRun.state.in_(UNFINISHED))
        .order_by(GradingRun.id)  # as those do who put back what a dead worker had
        .with_for_update()
    ).all()
    session.execute(
        sa.update(GradingRun)
        .where(GradingRun.id.in_(under_way))
        .values(state=RunState.CANCELLED, finished_at=now())
    )
    session.execute(sa.delete(RunEvent).where(RunEvent.run_id.in_(under_way)))
    record(session, "regrade.cancel", regrade, actor, address)
