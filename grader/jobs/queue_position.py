"""Where a waiting run stands in the queue, and when it may begin."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import CourseUnit, GradingRun, RunReason, RunState, Submission, Worker
from grader.jobs.liveness import BEAT_S, LOOKS_UNTIL_DEAD

RECENT_RUNS = 100
SILENT = timedelta(seconds=BEAT_S * LOOKS_UNTIL_DEAD)


@dataclass(frozen=True)
class QueuePosition:
    """`position` counts from 1, the next to begin; `expected_start_s` is from now.

    None if nobody knows: no worker lives, or nothing has been graded yet.
    """

    position: int
    expected_start_s: float | None


def queue_position(session: Session, run: GradingRun) -> QueuePosition:
    """Return where a queued run stands.

    The expectation shares the work that comes first evenly among the slots of the living workers: each run
    takes as long as the middle one of its unit's recent runs.
    """
    ahead = _runs_ahead(session, run)
    running = _with_unit(session, sa.select(GradingRun.started_at).where(_is(RunState.RUNNING)))
    slots, usual = live_slots(session), usual_durations(session)
    position = 1 + sum(ahead.values())
    if slots and position + len(running) <= slots:
        return QueuePosition(position, 0.0)
    if not slots or usual is None:
        return QueuePosition(position, None)
    at = now()
    work_s = sum(count * usual.of(unit) for unit, count in ahead.items())
    for started_at, unit in running:
        elapsed_s = (at - (started_at or at)).total_seconds()
        work_s += max(0.0, usual.of(unit) - elapsed_s)
    return QueuePosition(position, work_s / slots)


def live_slots(session: Session) -> int:
    """Return how many runs the living workers can grade at once."""
    slots = session.scalar(
        sa.select(sa.func.sum(Worker.slots)).where(
            Worker.stopped_at.is_(None), Worker.heartbeat_at > now() - SILENT
        )
    )
    return slots or 0


@dataclass(frozen=True)
class UsualDurations:
    """How long runs take, in seconds: by unit, and `any_s` for a unit without recent runs."""

    by_unit_s: dict[str, float]
    any_s: float

    def of(self, unit: str) -> float:
        """Return how long a run of this unit usually takes."""
        return self.by_unit_s.get(unit, self.any_s)


def usual_durations(session: Session) -> UsualDurations | None:
    """Return the medians of the latest graded runs, from start to end; None if there are none."""
    latest = _with_unit(
        session,
        sa.select(GradingRun.started_at, GradingRun.finished_at)
        .where(_is(RunState.GRADED), GradingRun.started_at.is_not(None))
        .order_by(GradingRun.queued_at.desc())  # as the index goes
        .limit(RECENT_RUNS),
    )
    durations_s: dict[str, list[float]] = {}
    for started_at, finished_at, unit in latest:
        durations_s.setdefault(unit, []).append((finished_at - started_at).total_seconds())
    if not durations_s:
        return None
    return UsualDurations(
        {unit: statistics.median(values) for unit, values in durations_s.items()},
        statistics.median(itertools.chain.from_iterable(durations_s.values())),
    )


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


def _is(state: RunState) -> sa.ColumnElement[bool]:
    return GradingRun.state == state


def _with_unit(session: Session, query: Any) -> list[Any]:
    """Return the query's rows, each with the run's unit at its end."""
    with_unit = (
        query.add_columns(CourseUnit.unit)
        .join(Submission, GradingRun.submission_id == Submission.id)
        .join(CourseUnit, Submission.course_unit_id == CourseUnit.id)
    )
    return list(session.execute(with_unit).all())
