"""Where a waiting run stands in the queue, and when it may begin."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import CourseUnit, GradingRun, RunReason, RunState, Submission, Worker
from grader.jobs.liveness import BEAT_S, LOOKS_UNTIL_DEAD

RECENT_RUNS = 20
SILENT = timedelta(seconds=BEAT_S * LOOKS_UNTIL_DEAD)


@dataclass(frozen=True)
class QueuePosition:
    """`position` counts from 1, the next to begin; `expected_start_s` is from now.

    None if nobody knows: no worker lives, or none of the units that are waited for has been graded yet.
    """

    position: int
    expected_start_s: float | None


def queue_position(session: Session, run: GradingRun) -> QueuePosition:
    """Return where a queued run stands.

    The expectation shares the work that comes first evenly among the slots of the living workers: each run
    takes as long as the middle one of its unit's recent runs.
    """
    ahead = _runs_ahead(session, run)
    running = session.execute(
        _with_unit(GradingRun.started_at).where(GradingRun.state == RunState.RUNNING)
    ).all()
    slots = live_slots(session)
    position = 1 + sum(ahead.values())
    units = {*ahead, *(unit for _, unit in running)}
    usual_s = {unit: usual_duration_s(session, unit) for unit in units}
    if slots == 0 or None in usual_s.values():
        return QueuePosition(position, None)
    if position + len(running) <= slots:
        return QueuePosition(position, 0.0)
    at = now()
    work_s = sum(count * (usual_s[unit] or 0.0) for unit, count in ahead.items())
    for started_at, unit in running:
        elapsed_s = (at - (started_at or at)).total_seconds()
        work_s += max(0.0, (usual_s[unit] or 0.0) - elapsed_s)
    return QueuePosition(position, work_s / slots)


def live_slots(session: Session) -> int:
    """Return how many runs the living workers can grade at once."""
    slots = session.scalar(
        sa.select(sa.func.sum(Worker.slots)).where(
            Worker.stopped_at.is_(None), Worker.heartbeat_at > now() - SILENT
        )
    )
    return slots or 0


def usual_duration_s(session: Session, unit: str) -> float | None:
    """Return the median of the unit's recent runs, from start to end; None if there is none."""
    recent = session.execute(
        _with_unit(GradingRun.started_at, GradingRun.finished_at)
        .where(
            CourseUnit.unit == unit,
            GradingRun.state == RunState.GRADED,
            GradingRun.started_at.is_not(None),
            GradingRun.finished_at.is_not(None),
        )
        .order_by(GradingRun.id.desc())
        .limit(RECENT_RUNS)
    ).all()
    if not recent:
        return None
    durations_s: list[float] = [(finished - started).total_seconds() for started, finished, _ in recent]
    return statistics.median(durations_s)


def _runs_ahead(session: Session, run: GradingRun) -> dict[str, int]:
    """Return how many runs of each unit come before this one."""
    order = (GradingRun.priority, GradingRun.queued_at, GradingRun.id)
    ours = (run.priority, run.queued_at, run.id)
    before = sa.tuple_(*order) < sa.tuple_(
        *(sa.literal(value, column.type) for value, column in zip(ours, order, strict=True))
    )
    comes_first = (GradingRun.reason == run.reason) & before
    if run.reason is RunReason.REGRADE:
        comes_first |= GradingRun.reason == RunReason.SUBMISSION
    counted = session.execute(
        sa.select(CourseUnit.unit, sa.func.count())
        .select_from(GradingRun)
        .join(Submission, GradingRun.submission_id == Submission.id)
        .join(CourseUnit, Submission.course_unit_id == CourseUnit.id)
        .where(GradingRun.state == RunState.QUEUED, comes_first)
        .group_by(CourseUnit.unit)
    )
    return {unit: count for unit, count in counted}  # noqa: C416  # rows are no pairs to mypy


def _with_unit(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns, CourseUnit.unit)
        .select_from(GradingRun)
        .join(Submission, GradingRun.submission_id == Submission.id)
        .join(CourseUnit, Submission.course_unit_id == CourseUnit.id)
    )
