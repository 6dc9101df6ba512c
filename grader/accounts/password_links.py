"""Links for a new password: for whoever forgot theirs, where nobody can send mail.

A link is signed, not stored: it names the user, when it ends, the password that it replaces, and who made it
in which course. So it works once, not at all if the password has changed since, and only as long as its maker
might still make it. Instructors make links for students who are in their course and nowhere else. For anyone
with more rights, or in another course too, only an admin does: nobody rises by a link.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from grader.accounts.belonging import decides, is_own_student
from grader.db.models import AuditEvent, User

LIFETIME = timedelta(days=2)


def may_be_helped(session: Session, user: User, by: User, course_id: int) -> bool:
    """Whether this person may, as who decides in the course, make a link for a user of the course."""
    if not user.is_active or user.password_hash is None or not decides(session, by.id, course_id):
        return False
    return by.is_admin or is_own_student(session, user, course_id)


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
    ends_at = int((at + LIFETIME).timestamp())
    return _signer(key).dumps([user.id, ends_at, _state(user), actor_id, course_id])


def find_by_password_link(
    session: Session, key: str, token: str, at: datetime, *, to_use: bool = False
) -> User | None:
    """Return the user for whom the link was made; None if it works no more.

    `to_use` locks the user, so that the link works once; only a writing session may.
    """
    try:
        user_id, ends_at, state, maker_id, course_id = _signer(key).loads(token)
    except (BadData, ValueError):
        return None
    query = sa.select(User).where(User.id == user_id)
    user = session.scalar(query.with_for_update(key_share=True) if to_use else query)
    if user is None or at.timestamp() >= ends_at or _state(user) != state:
        return None
    maker = session.get(User, maker_id)
    return user if maker is not None and may_be_helped(session, user, maker, course_id) else None


def _state(user: User) -> str:
    return hashlib.sha256(f"{user.password_hash} {user.session_version}".encode()).hexdigest()[:16]


def _signer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="password-link")
