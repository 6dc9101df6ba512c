"""Making and changing courses and their units; each act is written down in the same transaction."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts import members
from grader.accounts.belonging import is_claimed
from grader.accounts.invitations import invite
from grader.courses.offered import Offer
from grader.courses.unit_terms import UnitTerms
from grader.db.base import now
from grader.db.models import Course, CourseUnit, Role, User
from grader.grades import audit
from grader.grades.terms import lock_unit, restate_lateness


def create_course(session: Session, slug: str, title: str, actor: User) -> Course | None:
    """Make an empty course; None if there is one of this name already."""
    course = Course(slug=slug, title=title)
    try:
        with session.begin_nested():
            session.add(course)
    except sa.exc.IntegrityError:
        return None
    _record(session, course, "course.create", actor, {"title": title})
    return course


def give_first_instructor(session: Session, course: Course, email: str, name: str, actor: User) -> str | None:
    """Make this person the course's instructor; return an invitation's token if they must accept one.

    Who has an account of their own is in the course at once; others make it theirs by the link.
    """
    user = session.scalar(sa.select(User).where(User.email == email))
    if user is not None and user.is_active and is_claimed(user):
        members.join(session, course.id, user, Role.INSTRUCTOR, actor.id)
        return None
    return invite(session, course.id, email, name, Role.INSTRUCTOR, actor.id, now())


def change_course(session: Session, course: Course, wanted: dict[str, Any], actor: User) -> bool:
    """Set the course's fields; False if nothing differs."""
    changes = _set(course, wanted)
    if changes:
        _record(session, course, "course.change", actor, changes)
    return bool(changes)


def add_unit(
    session: Session, course: Course, offer: Offer, slug: str, title: str, actor: User
) -> CourseUnit | None:
    """Add a unit at the end, not published yet; None if the course has one of this name."""
    members.lock_course(session, course.id)
    there = session.execute(
        sa.select(CourseUnit.slug, CourseUnit.position).where(CourseUnit.course_id == course.id)
    ).all()
    if any(other == slug for other, _ in there):
        return None
    unit = CourseUnit(
        course_id=course.id,
        slug=slug,
        unit=offer.unit,
        title=title,
        position=max((position for _, position in there), default=0) + 1,
        is_published=False,
        pinned_version_id=offer.version_id,
    )
    session.add(unit)
    session.flush()
    details = {"unit": offer.unit, "title": title, "version": offer.version or None}
    _record(session, course, "unit.add", actor, details, f"unit {slug}")
    return unit


def change_unit(session: Session, unit: CourseUnit, wanted: UnitTerms, actor: User) -> bool:
    """Set the unit's terms, also for what was handed in before; False if nothing differs."""
    unit = lock_unit(session, unit.id)
    changes = _set(unit, asdict(wanted))
    if changes:
        restate_lateness(session, unit)
        _record(session, unit.course, "unit.change", actor, changes, f"unit {unit.slug}")
    return bool(changes)


def move_unit(session: Session, unit: CourseUnit, steps: int, actor: User) -> None:
    """Move the unit by so many places in the course's order, -1 is one up; number all places anew."""
    members.lock_course(session, unit.course_id)
    units = list(
        session.scalars(
            sa.select(CourseUnit)
            .where(CourseUnit.course_id == unit.course_id)
            .order_by(CourseUnit.position, CourseUnit.id)
        )
    )
    before = units.index(unit)
    place = min(max(before + steps, 0), len(units) - 1)
    if place == before:
        return
    units.insert(place, units.pop(before))
    for number, each in enumerate(units, 1):
        each.position = number
    _record(session, unit.course, "unit.move", actor, {"place": place + 1}, f"unit {unit.slug}")


def _set(row: Course | CourseUnit, wanted: dict[str, Any]) -> dict[str, Any]:
    """Set what differs; return it, before and after, as JSON."""
    changes = {}
    for field, value in wanted.items():
        if (before := getattr(row, field)) != value:
            setattr(row, field, value)
            changes[field] = {"before": _plain(before), "after": _plain(value)}
    return changes


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.value if isinstance(value, Enum) else value


def _record(
    session: Session, course: Course, action: str, actor: User, details: dict[str, Any], subject: str = ""
) -> None:
    audit.record(
        session,
        action,
        actor=actor,
        course_id=course.id,
        subject=subject or f"course {course.slug}",
        details=details,
    )
