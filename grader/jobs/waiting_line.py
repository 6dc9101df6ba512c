"""The whole queue at once, as staff of one course may see it: their own by name, the others as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.db.base import now
from grader.db.models import (
    CourseUnit,
    GradingRun,
    RunReason,
    RunState,
    Submission,
    Task,
    TaskState,
)
from grader.jobs.queue_position import live_slots, usual_durations

SHOWN = 25


@dataclass(frozen=True)
class Place:
    """A run that waits. `position` counts from 1 over all courses, `expected_start_s` from now."""

    run: GradingRun
    position: int
    expected_start_s: float | None


@dataclass(frozen=True)
class WaitingLine:
    """What waits and what runs. `here` is the course that was asked about, `elsewhere` all others.

    `places` are the first of those that wait here. `running_by_worker` counts runs of all courses.
    """

    places: tuple[Place, ...]
    waiting_here: int
    waiting_elsewhere: int
    oldest_at: datetime | None
    running: tuple[GradingRun, ...]
    running_elsewhere: int
    running_by_worker: Counter[str | None]
    tasks: tuple[Task, ...]


def waiting_line(session: Session, course_id: int) -> WaitingLine:
    """Return the queue as it is now; runs come with their submission, its unit and its student."""
    queued = _in_state(
        session, RunState.QUEUED, GradingRun.reason != RunReason.SUBMISSION, GradingRun.priority
    )
    running = _in_state(session, RunState.RUNNING)
    expected_s = _expected_starts(session, queued, running)
    here = [position for position, each in enumerate(queued, start=1) if each.course_id == course_id]
    shown = _runs(session, [queued[position - 1].id for position in here[:SHOWN]])
    running_here = [each.id for each in running if each.course_id == course_id]
    return WaitingLine(
        tuple(
            Place(shown[queued[position - 1].id], position, expected_s[position - 1])
            for position in here[:SHOWN]
        ),
        len(here),
        len(queued) - len(here),
        min((each.queued_at for each in queued), default=None),
        tuple(_runs(session, running_here).values()),
        len(running) - len(running_here),
        Counter(each.worker_id for each in running),
        _tasks(session, course_id),
    )


Entry = sa.Row[int, str | None, datetime, datetime | None, int, str]


def _in_state(session: Session, state: RunState, *first: Any) -> Sequence[Entry]:
    """Return all runs in this state, in the order in which they are taken."""
    return session.execute(
        sa.select(
            GradingRun.id,
            GradingRun.worker_id,
            GradingRun.queued_at,
            GradingRun.started_at,
            CourseUnit.course_id,
            CourseUnit.unit,
        )
        .join(Submission, GradingRun.submission_id == Submission.id)
        .join(CourseUnit, Submission.course_unit_id == CourseUnit.id)
        .where(GradingRun.state == state)
        .order_by(*first, GradingRun.queued_at, GradingRun.id)
    ).all()


def _expected_starts(
    session: Session, queued: Sequence[Entry], running: Sequence[Entry]
) -> list[float | None]:
    """Return for each run that waits when it may begin, as `queue_position` reckons it."""
    slots, usual = live_slots(session), usual_durations(session)
    if not slots or usual is None:
        free = max(0, slots - len(running))
        return [0.0 if place < free else None for place in range(len(queued))]
    at = now()
    work_s = sum(
        max(0.0, usual.of(each.unit) - (at - (each.started_at or at)).total_seconds()) for each in running
    )
    starts: list[float | None] = []
    for place, each in enumerate(queued, start=1):
        starts.append(0.0 if place + len(running) <= slots else work_s / slots)
        work_s += usual.of(each.unit)
    return starts


def _runs(session: Session, ids: Sequence[int]) -> dict[int, GradingRun]:
    """Return these runs by id, in their order, with what they are about."""
    about = joinedload(GradingRun.submission)
    found = {
        run.id: run
        for run in session.scalars(
            sa.select(GradingRun)
            .where(GradingRun.id.in_(ids))
            .options(about.joinedload(Submission.user), about.joinedload(Submission.course_unit))
        )
    }
    return {run_id: found[run_id] for run_id in ids}


def _tasks(session: Session, course_id: int) -> tuple[Task, ...]:
    """Return the other work of the course that waits or runs, the oldest first."""
    return tuple(
        session.scalars(
            sa.select(Task)
            .join(CourseUnit, Task.course_unit_id == CourseUnit.id)
            .where(Task.state.in_((TaskState.QUEUED, TaskState.RUNNING)), CourseUnit.course_id == course_id)
            .options(joinedload(Task.course_unit), joinedload(Task.requested_by))
            .order_by(Task.queued_at, Task.id)
        )
    )
