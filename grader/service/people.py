"""What the command line does with people: accounts, passwords, invitations, tokens.

Each function writes one transaction and raises UsageError if what it is asked for makes no sense.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts import names
from grader.accounts.addresses import is_address, normal
from grader.accounts.invitations import invite
from grader.accounts.own_account import set_password
from grader.accounts.passwords import weakness
from grader.accounts.tokens import MAX_NAME_CHARACTERS, create_token, revoke_all_tokens, scopes_for
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Course, Role, Scope, User
from grader.errors import UsageError


def add_user(database: Database, email: str, name: str, password: str, *, is_admin: bool) -> User:
    """Make an account that can sign in; return it."""
    email, name = _address(email), _name(name)
    _check_password(password, email, name)
    with database.writing() as session:
        if _find(session, email):
            raise UsageError(f"{email} has an account already; to change its password: grader user password")
        user = User(email=email, name=name, is_admin=is_admin)
        session.add(user)
        session.flush()
        session.add(
            AuditEvent(concerns_id=user.id, action="account.add", subject=email, details={"admin": is_admin})
        )
        return set_password(session, user.id, password)


def change_password(database: Database, email: str, password: str) -> User:
    """Give the account a new password, end its sessions and revoke its API tokens; return it."""
    with database.writing() as session:
        user = _get(session, email)
        _check_password(password, user.email, user.name)
        revoke_all_tokens(session, user.id, now())
        return set_password(session, user.id, password)


def invite_person(database: Database, email: str, name: str, course_slug: str, role: str) -> str:
    """Return the token of an invitation to the course; it works once."""
    email, name = _address(email), _name(name)
    with database.writing() as session:
        course = session.scalar(sa.select(Course).where(Course.slug == course_slug))
        if course is None:
            raise UsageError(f"there is no course {course_slug!r}")
        return invite(session, course.id, email, name, Role(role), None, now())


def make_token(database: Database, email: str, name: str, scopes: set[str], lifetime: timedelta) -> str:
    """Return a new API token of the account's."""
    if problem := names.problem(names.normal(name), MAX_NAME_CHARACTERS):
        raise UsageError(f"{name!r} can't be the token's name: {problem}")
    with database.writing() as session:
        user = _get(session, email)
        allowed = scopes_for(session, user)
        if not scopes or not scopes <= set(allowed):
            raise UsageError(f"the scopes that {user.email} may have are {' and '.join(allowed)}")
        _, text = create_token(session, user.id, names.normal(name), map(Scope, scopes), lifetime, now())
        return text


def _address(email: str) -> str:
    if not is_address(normal(email)):
        raise UsageError(f"{email!r} is no e-mail address")
    return normal(email)


def _name(name: str) -> str:
    if problem := names.problem(names.normal(name)):
        raise UsageError(f"{name!r} can't be a name: {problem}")
    return names.normal(name)


def _check_password(password: str, email: str, name: str) -> None:
    if weak := weakness(password, email, name):
        raise UsageError(weak)


def _find(session: Session, email: str) -> User | None:
    return session.scalar(sa.select(User).where(User.email == normal(email)))


def _get(session: Session, email: str) -> User:
    user = _find(session, email)
    if user is None:
        raise UsageError(f"nobody has the account {email!r}")
    return user
