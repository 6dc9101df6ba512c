"""Asking for long work, and taking that back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import CourseUnit, Task, TaskKind, TaskState, UnitVersion, User
from grader.grades import audit

UNFINISHED = (TaskState.QUEUED, TaskState.RUNNING)


def request(
    session: Session,
    kind: TaskKind,
    *,
    course_unit_id: int | None = None,
    unit_version_id: int | None = None,
    arguments: dict[str, Any] | None = None,
    requested_by: User | None = None,
) -> Task:
    """Return a task that a worker will take up: a new one, or the unfinished one of this kind and subject.

    The subject is a course's unit, a version of a unit, or both; ValueError for neither. `requested_by`
    None is the grader itself.
    """
    unit = _lock_subject(session, course_unit_id, unit_version_id)
    unfinished = session.scalar(
        sa.select(Task).where(
            Task.kind == kind,
            Task.state.in_(UNFINISHED),
            Task.course_unit_id.is_(None)
            if course_unit_id is None
            else Task.course_unit_id == course_unit_id,
            Task.unit_version_id.is_(None)
            if unit_version_id is None
            else Task.unit_version_id == unit_version_id,
        )
    )
    if unfinished is not None:
        return unfinished
    task = Task(
        kind=kind,
        course_unit_id=course_unit_id,
        unit_version_id=unit_version_id,
        arguments=arguments or {},
        progress={},
        requested_by_id=None if requested_by is None else requested_by.id,
    )
    session.add(task)
    session.flush()
    _record(session, task, unit, "start", requested_by)
    return task


def cancel(session: Session, task: Task, actor: User | None) -> bool:
    """End a task that waits or runs; False if it was over already. Its process ends within seconds."""
    session.refresh(task, with_for_update={"of": Task})
    if task.state not in UNFINISHED:
        return False
    task.state, task.finished_at = TaskState.CANCELLED, now()
    unit = None if task.course_unit_id is None else session.get_one(CourseUnit, task.course_unit_id)
    _record(session, task, unit, "cancel", actor)
    return True


def _lock_subject(
    session: Session, course_unit_id: int | None, unit_version_id: int | None
) -> CourseUnit | None:
    """Let nobody else ask for work on the same subject until the transaction ends."""
    if course_unit_id is not None:
        query = sa.select(CourseUnit).where(CourseUnit.id == course_unit_id)
        return session.scalars(query.with_for_update(key_share=True)).one()
    if unit_version_id is None:
        raise ValueError("a task is about a course's unit or about a version of a unit")
    version = sa.select(UnitVersion.id).where(UnitVersion.id == unit_version_id)
    session.scalars(version.with_for_update(key_share=True)).one()
    return None


def _record(session: Session, task: Task, unit: CourseUnit | None, act: str, actor: User | None) -> None:
    """Write down who did it, in the course; work that is about no course's unit has none."""
    if unit is not None:
        audit.record(
            session,
            f"{task.kind}.{act}",
            actor=actor,
            course_id=unit.course_id,
            subject=f"unit {unit.slug}",
            details={"task": task.public_id, **task.arguments},
        )
