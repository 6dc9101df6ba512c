"""Who holds a task: taking it under a fence, and every write that only the holder may make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import Task, TaskKind, TaskState, Worker

MAX_TRIES = 3  # so often a task's worker or process may die
MAX_PROBLEM_CHARS = 4_000
DIED = "Its worker died."
LOST = "Its worker could not begin it."


@dataclass(frozen=True)
class Held:
    """A task that is ours for as long as its fence is this one."""

    task_id: int
    fence: int
    kind: TaskKind


def is_any_waiting(session: Session) -> bool:
    """Whether there is a task to take."""
    return bool(session.scalar(sa.select(sa.exists().where(Task.state == TaskState.QUEUED))))


def claim(session: Session, worker_id: str) -> Held | None:
    """Take the task that has waited longest; None if there is none that nobody else is taking."""
    task = session.scalar(
        sa.select(Task)
        .where(Task.state == TaskState.QUEUED)
        .order_by(Task.queued_at, Task.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if task is None:
        return None
    task.state, task.worker_id, task.started_at = TaskState.RUNNING, worker_id, now()
    task.fence += 1
    task.progress = {}
    return Held(task.id, task.fence, task.kind)


def lock_held(session: Session, task_id: int, fence: int) -> Task | None:
    """Return the task, locked until the transaction ends; None if it is no more held under this fence."""
    return session.scalar(sa.select(Task).where(*_is_held(task_id, fence)).with_for_update(of=Task))


def is_held(session: Session, held: Held) -> bool:
    """Whether the task is still held under this fence: not cancelled, nor taken by another worker."""
    return bool(session.scalar(sa.select(sa.exists().where(*_is_held(held.task_id, held.fence)))))


def write_progress(session: Session, task_id: int, fence: int, progress: dict[str, Any]) -> None:
    """Write how far the task is."""
    session.execute(sa.update(Task).where(*_is_held(task_id, fence)).values(progress=progress))


def finish(session: Session, task_id: int, fence: int, result: dict[str, Any]) -> None:
    """Write what the task found."""
    _end(session, task_id, fence, TaskState.DONE, result=result)


def fail(session: Session, task_id: int, fence: int, problem: str) -> None:
    """Write what went wrong on our side."""
    # PostgreSQL takes no NUL in a text
    _end(session, task_id, fence, TaskState.FAILED, problem=problem.replace("\0", "")[:MAX_PROBLEM_CHARS])


def give_back(session: Session, held: Held) -> None:
    """Let the task wait again: its worker drains."""
    task = lock_held(session, held.task_id, held.fence)
    if task is not None:
        _requeue(task)


def has_died(session: Session, held: Held, how: str) -> None:
    """Let the task wait again, or fail if that has happened too often; `how` says what died."""
    task = lock_held(session, held.task_id, held.fence)
    if task is not None:
        _requeue_or_fail(task, how)


def put_back_dropped(session: Session) -> int:
    """Do that to every task whose worker is dead; return how many there were."""
    living = sa.exists().where(Worker.id == Task.worker_id, Worker.stopped_at.is_(None))
    dropped = session.scalars(
        sa.select(Task).where(Task.state == TaskState.RUNNING, ~living).with_for_update(of=Task)
    ).all()
    for task in dropped:
        _requeue_or_fail(task, DIED)
    return len(dropped)


def put_back_of(session: Session, worker_id: str) -> int:
    """Do that to every task that this worker holds; return how many there were."""
    left = session.scalars(sa.select(Task).where(*_is_of(worker_id)).with_for_update(of=Task)).all()
    for task in left:
        _requeue_or_fail(task, LOST)
    return len(left)


def holds_any(session: Session, worker_id: str) -> bool:
    """Whether this worker holds a task."""
    return bool(session.scalar(sa.select(sa.exists().where(*_is_of(worker_id)))))


def is_any_dropped(session: Session) -> bool:
    """Whether there is a task whose worker is dead."""
    living = sa.exists().where(Worker.id == Task.worker_id, Worker.stopped_at.is_(None))
    return bool(session.scalar(sa.select(sa.exists().where(Task.state == TaskState.RUNNING, ~living))))


def _is_of(worker_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Task.worker_id == worker_id, Task.state == TaskState.RUNNING


def _is_held(task_id: int, fence: int) -> tuple[sa.ColumnElement[bool], ...]:
    return Task.id == task_id, Task.fence == fence, Task.state == TaskState.RUNNING


def _end(session: Session, task_id: int, fence: int, state: TaskState, **values: Any) -> None:
    session.execute(
        sa.update(Task).where(*_is_held(task_id, fence)).values(state=state, finished_at=now(), **values)
    )


def _requeue(task: Task) -> None:
    task.state, task.worker_id, task.started_at = TaskState.QUEUED, None, None
    task.progress = {}


def _requeue_or_fail(task: Task, how: str) -> None:
    task.tries += 1
    if task.tries < MAX_TRIES:
        _requeue(task)
    else:
        task.state, task.finished_at = TaskState.FAILED, now()
        task.problem = f"It was tried {MAX_TRIES} times and never came to its end. {how}"
