"""API tokens: what programs sign in with. Shown once, kept as a hash, narrow and of limited life.

A token is 238 random bits, so a fast hash keeps it as safe as a slow one. It begins with `gr_`,
by which scanners find tokens that were published by mistake. A token has nothing to do with the password or
with sessions: programs go on when these change, unless their owner says otherwise. A new password by a link
of the staff makes all of them worthless, because then the account may have been in wrong hands.
"""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.db.database import Database
from grader.db.models import ApiToken, AuditEvent, Enrolment, Role, Scope, User

PREFIX = "gr_"
RANDOM_CHARACTERS = 40
MAX_NAME_CHARACTERS = 80
SHOWN_CHARACTERS = len(PREFIX) + 5
ALPHABET = string.ascii_letters + string.digits
LIFETIMES_DAYS = (30, 120, 365)
USE_NOTED_EVERY = timedelta(minutes=10)


def create_token(
    session: Session, user_id: int, name: str, scopes: Iterable[Scope], lifetime: timedelta, at: datetime
) -> tuple[ApiToken, str]:
    """Make a token for this user; return it with its text, which nobody can find out later."""
    text = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    token = ApiToken(
        user_id=user_id,
        name=name,
        token_hash=_hash(text),
        prefix=text[:SHOWN_CHARACTERS],
        scopes=" ".join(sorted(scopes)),
        created_at=at,
        expires_at=at + lifetime,
    )
    session.add(token)
    session.flush()
    _record(session, token, "token.create")
    return token, text


def find_token(session: Session, text: str, at: datetime) -> ApiToken | None:
    """Return the token with this text, its user loaded; None if there is none that is good at this moment."""
    if not text.startswith(PREFIX):
        return None
    return session.scalar(
        sa.select(ApiToken)
        .join(ApiToken.user)
        .where(
            ApiToken.token_hash == _hash(text),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > at,
            User.is_active,
        )
        .options(joinedload(ApiToken.user))
    )


def note_use(database: Database, token: ApiToken, at: datetime) -> None:
    """Remember that the token is in use, written no more often than every ten minutes."""
    if token.last_used_at is None or at - token.last_used_at > USE_NOTED_EVERY:
        with database.writing() as session:
            session.execute(sa.update(ApiToken).where(ApiToken.id == token.id).values(last_used_at=at))


def revoke_token(session: Session, user_id: int, token_id: int, at: datetime) -> bool:
    """Make the user's token worthless from now on; False if the user has no such token in use."""
    token = session.scalar(
        sa.select(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .with_for_update()
    )
    if token is None:
        return False
    token.revoked_at = at
    _record(session, token, "token.revoke")
    return True


def revoke_all_tokens(session: Session, user_id: int, at: datetime) -> int:
    """Make all of the user's tokens worthless from now on; return how many of them were in use."""
    found = session.scalars(
        sa.select(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id)
        .with_for_update()
    ).all()
    for token in found:
        token.revoked_at = at
        _record(session, token, "token.revoke")
    return sum(token.expires_at > at for token in found)


def tokens_of(session: Session, user_id: int) -> list[ApiToken]:
    """Return the user's tokens that are not revoked, newest first, expired ones included."""
    return list(
        session.scalars(
            sa.select(ApiToken)
            .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
            .order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
        )
    )


def scopes_for(session: Session, user: User) -> list[Scope]:
    """Return the scopes that this user's tokens may have: staff's only for staff."""
    is_staff = user.is_admin or session.scalar(
        sa.select(
            sa.exists().where(
                Enrolment.user_id == user.id, Enrolment.ended_at.is_(None), Enrolment.role != Role.STUDENT
            )
        )
    )
    return [Scope.SUBMIT, Scope.STAFF] if is_staff else [Scope.SUBMIT]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _record(session: Session, token: ApiToken, action: str) -> None:
    session.add(
        AuditEvent(
            actor_id=token.user_id,
            concerns_id=token.user_id,
            action=action,
            subject=token.name,
            details={"prefix": token.prefix, "scopes": token.scopes},
        )
    )
