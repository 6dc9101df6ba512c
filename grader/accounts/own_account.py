"""What people change about their own account."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts import passwords
from grader.db.models import AuditEvent, User


def set_password(session: Session, user_id: int, password: str) -> User:
    """Set a new password and end all sessions; return the user with the new session version.

    The caller has checked that the password is no weakness, and that the asker may.
    """
    user = _locked(session, user_id)
    user.password_hash = passwords.hash_password(password)
    user.session_version += 1
    _record(session, user, "account.set-password")
    return user


def end_sessions(session: Session, user_id: int) -> User:
    """Make every session of this user worthless; return the user with the new session version."""
    user = _locked(session, user_id)
    user.session_version += 1
    _record(session, user, "account.end-sessions")
    return user


def set_name(session: Session, user_id: int, name: str) -> User:
    """Give the person another name, which the caller has checked; return the user."""
    user = _locked(session, user_id)
    if user.name != name:
        _record(session, user, "account.set-name", {"before": user.name, "after": name})
        user.name = name
    return user


def _locked(session: Session, user_id: int) -> User:
    return session.scalars(sa.select(User).where(User.id == user_id).with_for_update(key_share=True)).one()


def _record(session: Session, user: User, action: str, details: dict[str, str] | None = None) -> None:
    session.add(
        AuditEvent(
            actor_id=user.id, concerns_id=user.id, action=action, subject=user.email, details=details or {}
        )
    )
