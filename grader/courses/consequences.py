"""What a change of a unit's terms would do to students who have worked already."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.courses.unit_terms import UnitTerms
from grader.db.models import AttemptState, CourseUnit, Submission


def consequences(session: Session, unit: CourseUnit, wanted: UnitTerms, at: datetime) -> list[str]:
    """Return a sentence for each thing that the change would worsen for someone; none for a harmless one."""
    students = _count(session, sa.select(Submission.user_id).where(Submission.course_unit_id == unit.id))
    found = []
    if wanted.deadline_at is not None and _is_earlier(wanted.deadline_at, unit.deadline_at):
        found += _of_an_earlier_deadline(session, unit, wanted.deadline_at, at)
    if not students:
        return found
    closes_before = unit.late_until_at if unit.deadline_at is not None else None
    if closes_before is not None and closes_before > at and not _takes_late(wanted, at):
        found.append("Late hand-ins, which are taken now, are not taken any more.")
    if wanted.max_attempts is not None and _is_fewer(wanted.max_attempts, unit.max_attempts):
        over = _students_with_more_than(session, unit, wanted.max_attempts)
        if over:
            found.append(
                f"{_counted(over)} used more than {wanted.max_attempts} attempts already; that work stays."
            )
    if wanted.counts is not unit.counts:
        found.append(f"Grades of up to {_counted(students)} change at once, as another attempt may count.")
    if unit.is_published and not wanted.is_published:
        found.append(f"{_counted(students)} handed in, and can’t see the unit any more.")
    is_open = unit.opens_at is None or unit.opens_at <= at
    if is_open and wanted.opens_at is not None and wanted.opens_at > at:
        found.append("The unit is open now; it takes nothing more until it opens again.")
    return found


def _of_an_earlier_deadline(
    session: Session, unit: CourseUnit, deadline_at: datetime, at: datetime
) -> list[str]:
    late = sa.select(Submission.user_id).where(
        Submission.course_unit_id == unit.id, Submission.received_at > deadline_at
    )
    if unit.deadline_at is not None:
        late = late.where(Submission.received_at <= unit.deadline_at)
    found = []
    if students := _count(session, late):
        found.append(
            f"Hand-ins of {_counted(students)}, in time until now, become late,"
            " unless they have more time of their own."
        )
    if deadline_at <= at and (unit.deadline_at is None or unit.deadline_at > at):
        found.append(
            "The new deadline is over already: the unit closes at once, or takes late hand-ins only."
        )
    elif unit.is_published:
        before = "no deadline" if unit.deadline_at is None else "a later deadline"
        found.append(f"Students plan with {before}. Tell them.")
    return found


def _is_earlier(wanted: datetime, before: datetime | None) -> bool:
    return before is None or wanted < before


def _is_fewer(wanted: int, before: int | None) -> bool:
    return before is None or wanted < before


def _takes_late(wanted: UnitTerms, at: datetime) -> bool:
    return wanted.deadline_at is None or (wanted.late_until_at is not None and wanted.late_until_at > at)


def _students_with_more_than(session: Session, unit: CourseUnit, attempts: int) -> int:
    many = (
        sa.select(Submission.user_id)
        .where(Submission.course_unit_id == unit.id, Submission.attempt == AttemptState.USED)
        .group_by(Submission.user_id)
        .having(sa.func.count() > attempts)
    )
    return session.scalar(sa.select(sa.func.count()).select_from(many.subquery())) or 0


def _count(session: Session, users: sa.Select[int]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(users.distinct().subquery())) or 0


def _counted(students: int) -> str:
    return "1 student" if students == 1 else f"{students} students"
