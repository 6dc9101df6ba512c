"""The last 24 hours of the whole queue: what came, what was graded, and how long it waited."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import GradingRun, RunReason, RunState

HOURS = 24
HOUR = timedelta(hours=1)
_SLOWEST = 0.95


@dataclass(frozen=True)
class Hour:
    """One hour; `ago` counts from now: 1 is the last one. Waits are of the submissions that came in it.

    `wait_s` is the median from hand-in to start, `long_wait_s` what 19 of 20 did not exceed.
    """

    ago: int
    came: int
    graded: int
    wait_s: float | None
    long_wait_s: float | None


def last_day(session: Session, at: datetime) -> list[Hour]:
    """Return the hours up to this moment, the first one first. Regrades count as graded, not as waiting."""
    begin = at - HOURS * HOUR
    rows = session.execute(
        sa.select(GradingRun.reason, GradingRun.queued_at, GradingRun.started_at, GradingRun.finished_at)
        .where(GradingRun.state.in_(list(RunState)), GradingRun.queued_at > begin)
        .where(GradingRun.reason != RunReason.RESCORE)
    )
    came, graded = [0] * HOURS, [0] * HOURS
    waits_s: list[list[float]] = [[] for _ in range(HOURS)]
    for reason, queued_at, started_at, finished_at in rows:
        if reason is RunReason.SUBMISSION:
            hour = _hour(begin, queued_at)
            came[hour] += 1
            if started_at is not None:
                waits_s[hour].append((started_at - queued_at).total_seconds())
        if finished_at is not None and started_at is not None:
            graded[_hour(begin, finished_at)] += 1
    return [
        Hour(HOURS - hour, came[hour], graded[hour], *_usual_and_long(waits_s[hour])) for hour in range(HOURS)
    ]


def _hour(begin: datetime, at: datetime) -> int:
    return min(HOURS - 1, max(0, (at - begin) // HOUR))


def _usual_and_long(waits_s: Sequence[float]) -> tuple[float | None, float | None]:
    if not waits_s:
        return None, None
    ordered = sorted(waits_s)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(_SLOWEST * len(ordered)))]
