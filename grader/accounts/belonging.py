"""Whose an account is: has someone made it theirs, and has anyone outside of a course a stake in it?

Instructors may put anyone on their list. That must give them no power over what the account is elsewhere.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import Enrolment, Role, User


def is_claimed(user: User) -> bool:
    """Whether someone has made the account theirs, by a password or at the provider."""
    return user.password_hash is not None or user.oidc_subject is not None


def is_elsewhere(session: Session, user: User, course_id: int) -> bool:
    """Whether the account is or was in another course, in whichever role, or is an admin's."""
    elsewhere = sa.exists().where(Enrolment.user_id == user.id, Enrolment.course_id != course_id)
    return user.is_admin or bool(session.scalar(sa.select(elsewhere)))


def is_own_student(session: Session, user: User, course_id: int) -> bool:
    """Whether the account is that of a present student of this course, and nothing else anywhere."""
    role = session.scalar(
        sa.select(Enrolment.role).where(
            Enrolment.user_id == user.id, Enrolment.course_id == course_id, Enrolment.ended_at.is_(None)
        )
    )
    return role is Role.STUDENT and not is_elsewhere(session, user, course_id)


def decides(session: Session, user_id: int, course_id: int) -> bool:
    """Whether this person decides who is in the course: an instructor of it at this moment, or an admin."""
    user = session.get(User, user_id)
    if user is None or not user.is_active:
        return False
    is_instructor = sa.exists().where(
        Enrolment.user_id == user.id,
        Enrolment.course_id == course_id,
        Enrolment.role == Role.INSTRUCTOR,
        Enrolment.ended_at.is_(None),
    )
    return user.is_admin or bool(session.scalar(sa.select(is_instructor)))
