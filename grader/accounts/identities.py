"""Signing in with an identity at an OpenID Connect provider: which account it belongs to.

An identity is the provider's (issuer, subject), which never changes; e-mail addresses do. An account that
carries the identity is its account. The first time, an address that the provider has verified leads to the
account with that address, if that has no password yet, or to a new one. Whoever has a password connects
the two themselves, signed in: nobody takes over an account by an address, and nobody who set up an
account under someone else's address gets to share it. An account has one identity.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts import making, names
from grader.accounts.addresses import is_address, normal
from grader.db.models import AuditEvent, User

ELSEWHERE = "That account is connected with another account here already."


@dataclass(frozen=True)
class Claims:
    """What the provider says, from an ID token whose signature, audience and nonce were checked."""

    issuer: str
    subject: str
    email: str
    is_email_verified: bool
    name: str


@dataclass(frozen=True)
class IdentityRefused:
    """Not signed in; `text` says why and what to do."""

    text: str


def sign_in_by_identity(session: Session, claims: Claims) -> User | IdentityRefused:
    """Return the account that the identity belongs to, linked or made if this is its first time."""
    user = _owner(session, claims) or _first_time(session, claims)
    if isinstance(user, User) and not user.is_active:
        return IdentityRefused("Your account here is closed. Ask the staff of your course.")
    return user


def connect_identity(session: Session, user_id: int, claims: Claims) -> User | IdentityRefused:
    """Link the identity to the account of someone who is signed in, whatever its e-mail address."""
    user = session.scalars(sa.select(User).where(User.id == user_id).with_for_update(key_share=True)).one()
    owner = _owner(session, claims)
    if owner is not None and owner.id != user.id:
        return IdentityRefused(ELSEWHERE)
    if _is_of(user, claims):
        return user
    if user.oidc_subject is not None:
        return IdentityRefused("Your account here is connected with another account there already.")
    return _link(session, user, claims)


def _owner(session: Session, claims: Claims) -> User | None:
    return session.scalar(
        sa.select(User).where(User.oidc_issuer == claims.issuer, User.oidc_subject == claims.subject)
    )


def _first_time(session: Session, claims: Claims) -> User | IdentityRefused:
    email = normal(claims.email)
    if not is_address(email):
        return IdentityRefused("Your account there has no e-mail address that it may tell us.")
    if not claims.is_email_verified:
        return IdentityRefused(
            "Your e-mail address is not verified there. Verify it and try again; or, if you have a password "
            "here, sign in with it and connect the two accounts under your name."
        )
    user = making.found_or_made(session, email, names.cleaned(claims.name) or email.partition("@")[0])
    if _is_of(user, claims):
        return user  # linked by another visit of the same person at this very moment
    if user.password_hash is not None:
        return IdentityRefused(
            f"There is an account for {email} with a password here. Sign in with it once and connect the "
            "two accounts under your name; then both ways lead to it."
        )
    if user.oidc_subject is not None:
        return IdentityRefused(
            f"The account {email} here is connected with another account there. Ask the staff of your course."
        )
    return _link(session, user, claims)


def _is_of(user: User, claims: Claims) -> bool:
    return (user.oidc_issuer, user.oidc_subject) == (claims.issuer, claims.subject)


def _link(session: Session, user: User, claims: Claims) -> User | IdentityRefused:
    try:
        with session.begin_nested():
            user.oidc_issuer, user.oidc_subject = claims.issuer, claims.subject
    except sa.exc.IntegrityError:  # the same person, at this very moment, in another window
        return IdentityRefused(ELSEWHERE)
    session.add(
        AuditEvent(
            actor_id=user.id,
            concerns_id=user.id,
            action="account.connect-identity",
            subject=user.email,
            details={"issuer": claims.issuer},
        )
    )
    return user
