"""Granting more time or attempts to one student or to a section of the course; and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.db.base import now
from grader.db.models import Allowance, CourseUnit, Enrolment, User
from grader.grades import reasons
from grader.grades.audit import record
from grader.grades.terms import lock_unit, restate_lateness

MAX_EXTRA_ATTEMPTS = 1000


@dataclass(frozen=True)
class Grant:
    """What is to be granted, to one student or to one section: at least one of the three."""

    reason: str
    user_id: int | None = None
    section: str | None = None
    deadline_at: datetime | None = None
    late_until_at: datetime | None = None
    extra_attempts: int = 0


def problems(course_unit: CourseUnit, grant: Grant) -> dict[str, str]:
    """Return what is wrong with the grant, by its field; {} if it can be made.

    A date that gives nobody more time is wrong: it would look like an extension and be none.
    """
    found = {"reason": reasons.problem(grant.reason)}
    deadline_at = course_unit.deadline_at
    if grant.deadline_at is not None:
        if deadline_at is None:
            found["deadline_at"] = "This unit has no deadline to extend."
        elif grant.deadline_at <= deadline_at:
            found["deadline_at"] = f"This is no later than the unit’s deadline, {_utc(deadline_at)}."
    if grant.late_until_at is not None:
        latest = max(
            filter(None, (course_unit.late_until_at, grant.deadline_at or deadline_at)), default=None
        )
        if deadline_at is None:
            found["late_until_at"] = "Nothing is late in this unit: it has no deadline."
        elif latest is not None and grant.late_until_at <= latest:
            found["late_until_at"] = f"This is no later than what holds already, {_utc(latest)}."
    if not 0 <= grant.extra_attempts <= MAX_EXTRA_ATTEMPTS:
        found["extra_attempts"] = f"Enter a number from 0 to {MAX_EXTRA_ATTEMPTS}."
    elif grant.extra_attempts and course_unit.max_attempts is None:
        found["extra_attempts"] = "This unit takes any number of attempts already."
    if not (grant.deadline_at or grant.late_until_at or grant.extra_attempts):
        found.setdefault("deadline_at", "Grant a later date, or attempts.")
    return {field: text for field, text in found.items() if text}


def allow(
    session: Session, course_unit_id: int, grant: Grant, actor: User, address: str | None = None
) -> Allowance:
    """Make the grant, which has no problems; it adds to what was granted before."""
    unit = lock_unit(session, course_unit_id)
    allowance = Allowance(
        course_unit_id=unit.id,
        user_id=grant.user_id,
        section=grant.section,
        deadline_at=grant.deadline_at,
        late_until_at=grant.late_until_at,
        extra_attempts=grant.extra_attempts,
        reason=grant.reason,
        granted_by_id=actor.id,
    )
    session.add(allowance)
    restate_lateness(session, unit)
    _record(session, "allowance.grant", allowance, unit, actor, address)
    return allowance


def withdraw(session: Session, allowance_id: int, actor: User, address: str | None = None) -> bool:
    """Take an allowance back; what was handed in by it stays, and may be late now. False if it was before."""
    unit_id = session.get_one(Allowance, allowance_id).course_unit_id
    unit = lock_unit(session, unit_id)
    allowance = session.get_one(Allowance, allowance_id, populate_existing=True)
    if allowance.withdrawn_at is not None:
        return False
    allowance.withdrawn_by_id, allowance.withdrawn_at = actor.id, now()
    restate_lateness(session, unit)
    _record(session, "allowance.withdraw", allowance, unit, actor, address)
    return True


def of_unit(session: Session, course_unit_id: int) -> list[tuple[Allowance, User | None]]:
    """Return what was granted in the unit and is in force, the newest first, with the student if one."""
    rows = session.execute(
        sa.select(Allowance, User)
        .join(User, Allowance.user_id == User.id, isouter=True)
        .where(Allowance.course_unit_id == course_unit_id, Allowance.withdrawn_at.is_(None))
        .options(joinedload(Allowance.granted_by))
        .order_by(Allowance.id.desc())
    )
    return [(allowance, user) for allowance, user in rows]


def of_student(session: Session, course_unit_id: int, enrolment: Enrolment) -> list[Allowance]:
    """Return what this student and their section were granted and have, the newest first."""
    return [
        allowance
        for allowance, _ in of_unit(session, course_unit_id)
        if allowance.user_id == enrolment.user_id
        or (allowance.section is not None and allowance.section == enrolment.section)
    ]


def sections(session: Session, course_id: int) -> dict[str, int]:
    """Return the sections of the course with how many members each has, by name."""
    rows = session.execute(
        sa.select(Enrolment.section, sa.func.count())
        .where(
            Enrolment.course_id == course_id,
            Enrolment.section.is_not(None),
            Enrolment.section != "",
            Enrolment.ended_at.is_(None),
        )
        .group_by(Enrolment.section)
        .order_by(Enrolment.section)
    )
    return {str(section): count for section, count in rows}


def _record(
    session: Session,
    action: str,
    allowance: Allowance,
    unit: CourseUnit,
    actor: User,
    address: str | None,
) -> None:
    details: dict[str, Any] = {"unit": unit.slug, "unit_id": unit.id}
    if allowance.withdrawn_at is None:
        details["reason"] = allowance.reason
    for name in ("deadline_at", "late_until_at"):
        if (at := getattr(allowance, name)) is not None:
            details[name] = at.astimezone(UTC).isoformat()
    if allowance.extra_attempts:
        details["extra_attempts"] = allowance.extra_attempts
    if allowance.section is not None:
        details["section"] = allowance.section
    record(
        session,
        action,
        actor=actor,
        course_id=unit.course_id,
        subject=unit.title,
        concerns_id=allowance.user_id,
        details=details,
        address=address,
    )


def _utc(at: datetime) -> str:
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"
