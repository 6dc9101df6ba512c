"""Invitations: links that make their bearer a member of one course, once, within two weeks.

What a link may do for an account that exists already is little: whoever makes it must not get at
someone else's account by it. An account that anyone has ever signed in to (it has a password, or an
identity at the provider) joins only when its owner, signed in, says so. One that so far is only a
line of this course's list may be taken over by the link. If it is on another course's list too, only a
link that an admin made does that, and no link makes anyone an admin. A link becomes worthless when the rights
of whom it is for, or of who made it, go down (`unused_links`).
"""

from __future__ import annotations

import enum
import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.accounts import making, members, own_account
from grader.accounts.addresses import normal
from grader.accounts.belonging import decides, is_claimed, is_elsewhere
from grader.db.models import AuditEvent, Invitation, Role, User

LIFETIME = timedelta(days=14)


class Way(enum.Enum):
    """How an invitation can be accepted."""

    NEW_ACCOUNT = "set a name and a password"
    SIGN_IN = "sign in to the account that is there, then accept"


def invite(
    session: Session,
    course_id: int,
    email: str,
    name: str,
    role: Role,
    created_by_id: int | None,
    at: datetime,
) -> str:
    """Make an invitation and return its token, which nobody can find out later.

    An earlier invitation of the same person to the course that is not used yet becomes worthless.
    """
    email, token = normal(email), secrets.token_urlsafe(32)
    session.execute(
        sa.delete(Invitation).where(
            Invitation.course_id == course_id, Invitation.email == email, Invitation.used_at.is_(None)
        )
    )
    session.add(
        Invitation(
            token_hash=_hash(token),
            course_id=course_id,
            email=email,
            name=name.strip(),
            role=role,
            created_by_id=created_by_id,
            created_at=at,
            expires_at=at + LIFETIME,
        )
    )
    session.add(
        AuditEvent(
            actor_id=created_by_id,
            course_id=course_id,
            action="member.invite",
            subject=email,
            details={"role": role.value},
        )
    )
    return token


def find_invitation(
    session: Session, token: str, at: datetime, *, to_accept: bool = False
) -> Invitation | None:
    """Return the invitation with this token; None if it is used or expired, or its maker may invite no more.

    `to_accept` locks it and its course, so that nobody else accepts it meanwhile; only a writing session may.
    """
    is_it = Invitation.token_hash == _hash(token)
    if to_accept:
        course_id = session.scalar(sa.select(Invitation.course_id).where(is_it))
        if course_id is None:
            return None
        members.lock_course(session, course_id)
    query = (
        sa.select(Invitation)
        .where(is_it, Invitation.used_at.is_(None), Invitation.expires_at > at)
        .options(joinedload(Invitation.course))
    )
    found = session.scalar(query.with_for_update(of=Invitation) if to_accept else query)
    return found if found is not None and _maker_decides(session, found) else None


def _maker_decides(session: Session, invitation: Invitation) -> bool:
    """Whether who made it might make it now: one made while they were demoted was not there to withdraw."""
    maker_id = invitation.created_by_id
    return maker_id is None or decides(session, maker_id, invitation.course_id)


def open_invitations(session: Session, course_id: int, at: datetime) -> list[Invitation]:
    """Return the course's invitations that can still be accepted, by e-mail address."""
    return list(
        session.scalars(
            sa.select(Invitation)
            .where(
                Invitation.course_id == course_id, Invitation.used_at.is_(None), Invitation.expires_at > at
            )
            .order_by(Invitation.email)
        )
    )


def way_of(session: Session, invitation: Invitation) -> Way:
    """Return how this invitation can be accepted by someone who is not signed in."""
    user = session.scalar(sa.select(User).where(User.email == invitation.email))
    is_free = user is None or may_be_claimed(session, user, invitation.course_id, invitation.created_by_id)
    return Way.NEW_ACCOUNT if is_free else Way.SIGN_IN


def may_be_claimed(session: Session, user: User, course_id: int, maker_id: int | None) -> bool:
    """Whether a link to the course may take the account over; `maker_id` None made it on the command line."""
    if not user.is_active or user.is_admin or is_claimed(user):
        return False
    maker = None if maker_id is None else session.get_one(User, maker_id)
    return maker is None or maker.is_admin or not is_elsewhere(session, user, course_id)


def is_for(session: Session, invitation: Invitation, user: User) -> bool:
    """Whether this signed-in person may accept: it is theirs, or for an address without an account."""
    if user.email == invitation.email:
        return True
    return session.scalar(sa.select(User.id).where(User.email == invitation.email)) is None


def accept_as_new(
    session: Session, invitation: Invitation, name: str, password: str, at: datetime
) -> User | None:
    """Make the account, or claim the one of the course's list, and join; None if it may not be claimed.

    The account is locked before that is decided: two who come at once do not both get it.
    """
    user = making.found_or_made(session, invitation.email, name)
    if not may_be_claimed(session, user, invitation.course_id, invitation.created_by_id):
        return None
    user.name = name
    own_account.set_password(session, user.id, password)
    _use(session, invitation, user, at)
    return user


def accept_as(session: Session, invitation: Invitation, user: User, at: datetime) -> bool:
    """Let this signed-in person join; False if the invitation is for someone else's account."""
    if not is_for(session, invitation, user):
        return False
    _use(session, invitation, user, at)
    return True


def _use(session: Session, invitation: Invitation, user: User, at: datetime) -> None:
    members.join(session, invitation.course_id, user, invitation.role, actor_id=invitation.created_by_id)
    invitation.used_at = at


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
