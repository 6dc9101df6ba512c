"""Who is in a course: the one place that gives, changes and ends memberships.

Nobody is ever removed: a membership that has ended keeps its work and can be taken up again. A course
that has an instructor never loses its last one.

Whoever changes memberships locks in this order: the course, an invitation, the account, the membership.
Courses and accounts are locked so that rows which only name them can still be written (`key_share`).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.accounts.unused_links import ROLES, withdraw_from
from grader.db.models import AuditEvent, Course, CourseUnit, Enrolment, Role, User

RANK = ROLES.index
LAST_INSTRUCTOR = "This is the course’s last instructor. Make someone else an instructor first."


def members(session: Session, course_id: int) -> list[Enrolment]:
    """Return everyone who is or was in the course, with their user: staff first, then by name."""
    found = session.scalars(
        sa.select(Enrolment)
        .join(Enrolment.user)
        .where(Enrolment.course_id == course_id)
        .options(joinedload(Enrolment.user))
        .order_by(sa.func.lower(User.name), User.id)
    )
    order = [Role.INSTRUCTOR, Role.TA, Role.STUDENT]
    return sorted(found, key=lambda enrolment: (enrolment.ended_at is not None, order.index(enrolment.role)))


def lock_course(session: Session, course_id: int) -> None:
    """Let nobody else change who is in the course until the transaction ends."""
    session.scalars(sa.select(Course.id).where(Course.id == course_id).with_for_update(key_share=True)).one()


def units_of(session: Session, user_id: int) -> list[tuple[Course, CourseUnit]]:
    """Return the published units of the courses that the person is in, each with its course, newest first."""
    rows = session.execute(
        sa.select(Course, CourseUnit)
        .join(CourseUnit, CourseUnit.course_id == Course.id)
        .join(Enrolment, Enrolment.course_id == Course.id)
        .where(Enrolment.user_id == user_id, Enrolment.ended_at.is_(None), CourseUnit.is_published)
        .order_by(Course.id.desc(), CourseUnit.position, CourseUnit.id)
    )
    return [(course, unit) for course, unit in rows]


def membership(session: Session, course_id: int, user_id: int) -> Enrolment | None:
    """Return this person's membership, ended or not, locked with its course until the transaction ends."""
    return _locked(session, course_id, Enrolment.user_id == user_id)


def numbered_membership(session: Session, course_id: int, enrolment_id: int) -> Enrolment | None:
    """Return the course's membership with this id, locked with the course until the transaction ends."""
    return _locked(session, course_id, Enrolment.id == enrolment_id)


def join(session: Session, course_id: int, user: User, role: Role, actor_id: int | None) -> Enrolment:
    """Make the person a member; one who is a member already keeps a role that is as high or higher."""
    enrolment = membership(session, course_id, user.id)
    if enrolment is None:
        enrolment = Enrolment(course_id=course_id, user_id=user.id, role=role)
        session.add(enrolment)
        session.flush()
    elif enrolment.ended_at is not None:
        enrolment.ended_at, enrolment.role = None, role
    elif RANK(role) > RANK(enrolment.role):
        enrolment.role = role
    else:
        return enrolment
    record(session, enrolment, "member.join", actor_id)
    return enrolment


def change_role(session: Session, enrolment: Enrolment, role: Role, actor_id: int) -> str:
    """Give the member another role; return why not, "" if done. A lower one ends unused invitations."""
    if role is not Role.INSTRUCTOR and is_last_instructor(session, enrolment):
        return LAST_INSTRUCTOR
    if enrolment.role is not role:
        is_lower = RANK(role) < RANK(enrolment.role)
        enrolment.role = role
        record(session, enrolment, "member.change-role", actor_id)
        if is_lower:
            withdraw_from(session, enrolment, actor_id)
    return ""


def end_membership(session: Session, enrolment: Enrolment, actor_id: int, at: datetime) -> str:
    """End the membership and unused invitations, keeping all work; return why not, "" if done."""
    if is_last_instructor(session, enrolment):
        return LAST_INSTRUCTOR
    if enrolment.ended_at is None:
        enrolment.ended_at = at
        record(session, enrolment, "member.end", actor_id)
        withdraw_from(session, enrolment, actor_id)
    return ""


def restore_membership(session: Session, enrolment: Enrolment, actor_id: int) -> str:
    """Take up a membership that had ended; return "", as nothing speaks against it."""
    if enrolment.ended_at is not None:
        enrolment.ended_at = None
        record(session, enrolment, "member.restore", actor_id)
    return ""


def is_last_instructor(session: Session, enrolment: Enrolment) -> bool:
    """Whether the course, which is locked, would be left without an instructor if this one went."""
    if enrolment.role is not Role.INSTRUCTOR or enrolment.ended_at is not None:
        return False
    others = session.scalar(
        sa.select(sa.func.count())
        .select_from(Enrolment)
        .where(
            Enrolment.course_id == enrolment.course_id,
            Enrolment.id != enrolment.id,
            Enrolment.role == Role.INSTRUCTOR,
            Enrolment.ended_at.is_(None),
        )
    )
    return not others


def _locked(session: Session, course_id: int, which: sa.ColumnElement[bool]) -> Enrolment | None:
    lock_course(session, course_id)
    return session.scalar(
        sa.select(Enrolment).where(Enrolment.course_id == course_id, which).with_for_update()
    )


def record(session: Session, enrolment: Enrolment, action: str, actor_id: int | None) -> None:
    """Note in the audit log what was done with a membership."""
    user = session.get_one(User, enrolment.user_id)
    session.add(
        AuditEvent(
            actor_id=actor_id,
            concerns_id=user.id,
            course_id=enrolment.course_id,
            action=action,
            subject=user.email,
            details={"role": enrolment.role.value},
        )
    )
