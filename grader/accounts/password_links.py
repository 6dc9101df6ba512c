"""Links for a new password: for whoever forgot theirs, where nobody can send mail.

A link is signed, not stored: it names the user, when it ends, and the password that it replaces, so it works
once, and not at all if the password has changed since. Instructors make links for the students of their
course. For anyone with more rights, here or elsewhere, only an admin does: nobody rises by a link.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from grader.db.models import AuditEvent, Enrolment, Role, User

LIFETIME = timedelta(days=2)


def may_be_helped(session: Session, user: User, by_admin: bool) -> bool:
    """Whether someone who decides in the user's course (or an admin) may make a link for this user."""
    if not user.is_active or user.password_hash is None:
        return False
    if by_admin:
        return True
    is_staff = session.scalar(
        sa.select(sa.exists().where(Enrolment.user_id == user.id, Enrolment.role != Role.STUDENT))
    )
    return not (user.is_admin or is_staff)


def make_password_link(
    session: Session, key: str, user: User, actor_id: int, course_id: int, at: datetime
) -> str:
    """Return the token of a link for this user, signed with the installation's key."""
    session.add(
        AuditEvent(
            actor_id=actor_id,
            concerns_id=user.id,
            course_id=course_id,
            action="account.password-link",
            subject=user.email,
            details={},
        )
    )
    return _signer(key).dumps([user.id, int((at + LIFETIME).timestamp()), _state(user)])


def find_by_password_link(
    session: Session, key: str, token: str, at: datetime, *, to_use: bool = False
) -> User | None:
    """Return the user for whom the link was made; None if it works no more.

    `to_use` locks the user, so that the link works once; only a writing session may.
    """
    try:
        user_id, ends_at, state = _signer(key).loads(token)
    except (BadData, ValueError):
        return None
    query = sa.select(User).where(User.id == user_id)
    user = session.scalar(query.with_for_update() if to_use else query)
    if user is None or not user.is_active or at.timestamp() >= ends_at or _state(user) != state:
        return None
    return user


def _state(user: User) -> str:
    return hashlib.sha256(f"{user.password_hash} {user.session_version}".encode()).hexdigest()[:16]


def _signer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="password-link")
