"""Asking for a check: by staff at any time, and by the grader once after everybody's last moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader import tasks
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import CourseUnit, Submission, Task, TaskKind, User
from grader.grades.terms import unit_terms
from grader.similarity.choosing import Which, earlier_units

RECENT = timedelta(days=30)  # what ended before is checked on demand only


def start(
    session: Session, unit: CourseUnit, which: Which, earlier: Collection[int], actor: User | None
) -> Task:
    """Return the task of a new check, or the one that is not over yet.

    `earlier` are ids of units of other courses; those that are not this unit's namesakes are left out.
    """
    known = [each.id for each in earlier_units(session, unit) if each.id in earlier]
    return tasks.request(
        session,
        TaskKind.SIMILARITY,
        course_unit_id=unit.id,
        arguments={"which": which.value, "earlier": known},
        requested_by=actor,
    )


def start_due_checks(database: Database, at: datetime | None = None) -> list[int]:
    """Start the check of each unit that asks for it and is over for everybody; return those units.

    A unit that was checked since it was over is not checked again, unless it was opened again meanwhile.
    """
    at = at or now()
    with database.reading() as session:
        due = [unit.id for unit in _open_for_a_check(session, at)]
    if not due:
        return []
    with database.writing() as session:
        for unit in session.scalars(sa.select(CourseUnit).where(CourseUnit.id.in_(due)).with_for_update()):
            if not _is_checked(session, unit, at):
                earlier = [each.id for each in earlier_units(session, unit)]
                start(session, unit, Which.COUNTING, earlier, None)
    return due


def _open_for_a_check(session: Session, at: datetime) -> list[CourseUnit]:
    units = session.scalars(
        sa.select(CourseUnit).where(
            CourseUnit.checks_similarity,
            CourseUnit.deadline_at <= at,
            sa.exists().where(Submission.course_unit_id == CourseUnit.id),
        )
    ).all()
    return [unit for unit in units if not _is_checked(session, unit, at)]


def _is_checked(session: Session, unit: CourseUnit, at: datetime) -> bool:
    """Whether there is nothing to do: it is not over, was over long ago, or was checked since."""
    over_at = unit_terms(session, [unit])[unit.id].closes_for_all_at()
    if over_at is None or over_at > at or over_at < at - RECENT:
        return True
    return bool(
        session.scalar(
            sa.select(
                sa.exists().where(
                    Task.kind == TaskKind.SIMILARITY,
                    Task.course_unit_id == unit.id,
                    Task.queued_at >= over_at,
                )
            )
        )
    )
