"""Answering a host that tells of a push: checked before anything is read, stored once, carried out later."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Push, PushState, RepositoryLink, Submission
from grader.errors import SealError
from grader.outbound import errands
from grader.pushes.hosts import HOSTS
from grader.pushes.hosts.host import PushEvent
from grader.pushes.links import SECRET_PURPOSE, origin_and_repository
from grader.sealing import Sealer

COMMIT = re.compile(r"[0-9a-f]{40}")
NOTHING = re.compile(r"0+")  # the commit of a branch that is not there
MAX_DELIVERY_CHARACTERS = 200
MAX_WAITING = 20  # pushes of one link: whoever knows its secret can invent any number of commits
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Reply:
    """The answer to the host: HTTP status, a stable word, and a sentence for who reads the host's log."""

    status: int
    result: str
    text: str


UNKNOWN = Reply(404, "unknown", "There is no such address. Was the link removed, or made anew?")
FORGED = Reply(
    401,
    "not-signed",
    "The signature is missing, wrong or old. Is the secret the one of this link, and the clock right?",
)
LOST = Reply(401, "not-signed", "The secret of this link is lost here. Make a new one on the link's page.")
MALFORMED = Reply(422, "malformed", "This is no push event in JSON. Is the content type application/json?")
NO_DELIVERY = Reply(422, "malformed", "The header that names the delivery is missing.")
PONG = Reply(200, "ping", "All is set up. Pushes to the default branch are handed in from now on.")
OTHER_EVENT = Reply(200, "ignored", "Only pushes are of interest here.")
OTHER_REPOSITORY = Reply(200, "ignored", "This push is to another repository than the one that is linked.")
OTHER_BRANCH = Reply(200, "ignored", "Only pushes to the default branch are handed in.")
DELETED = Reply(200, "ignored", "The branch was deleted: there is nothing to hand in.")
REPEATED = Reply(200, "repeated", "This delivery was received before: nothing was done.")
ACCEPTED = Reply(202, "accepted", "The commit will be fetched and handed in.")
TOO_MANY_WAIT = Reply(429, "too-many", "Too many pushes wait to be handed in. Deliver this one again later.")
TOO_OFTEN = Reply(429, "too-many", "Too many hand-ins within a minute. Deliver this one again later.")


def receive(
    database: Database,
    sealer: Sealer,
    uploads_per_minute: int,
    public_id: str,
    headers: Mapping[str, str],
    body: bytes,
) -> Reply:
    """Take what a host sends to the link of this id; once ACCEPTED is returned, the push is stored.

    A person may hand in `uploads_per_minute` times a minute, whichever way.
    """
    with database.reading() as session:
        link = session.scalar(sa.select(RepositoryLink).where(RepositoryLink.public_id == public_id))
    if link is None:
        return UNKNOWN
    host = HOSTS[link.kind]
    try:
        secret = sealer.open(link.secret, SECRET_PURPOSE)
    except SealError:
        return LOST
    if not host.is_signed(headers, body, secret):
        return FORGED
    event = host.event(headers)
    if event not in ("push", "ping"):
        return OTHER_EVENT
    if event == "ping":
        reply = PONG
    else:
        push = _read(link, body)
        reply = push if isinstance(push, Reply) else ACCEPTED
    with database.writing() as session:
        is_there = session.scalar(  # locks the link, so that what is counted and stored holds together
            sa.update(RepositoryLink)
            .where(RepositoryLink.id == link.id)
            .values(heard_at=now())
            .returning(RepositoryLink.id)
        )
        if is_there is None:
            return UNKNOWN  # removed since it was read
        if reply is ACCEPTED:
            assert isinstance(push, PushEvent)
            delivery = host.delivery(headers)[:MAX_DELIVERY_CHARACTERS]
            return (
                _store(session, link, delivery, body, push, uploads_per_minute) if delivery else NO_DELIVERY
            )
    return reply


def _read(link: RepositoryLink, body: bytes) -> PushEvent | Reply:
    """Return the push that there is to hand in, or why there is none."""
    try:
        push = HOSTS[link.kind].push(json.loads(body))
        texts = (push.repository, push.default_branch, push.ref, push.before, push.after)
        if not all(isinstance(text, str) for text in texts):
            return MALFORMED
    except (ValueError, KeyError, TypeError, RecursionError):
        return MALFORMED
    _, repository = origin_and_repository(link)
    if push.repository.casefold() != repository.casefold():
        return OTHER_REPOSITORY
    if not push.is_of_default_branch:
        return OTHER_BRANCH
    if NOTHING.fullmatch(push.after):
        return DELETED
    if not (COMMIT.fullmatch(push.after) and COMMIT.fullmatch(push.before)):
        return MALFORMED
    return push


def _store(
    session: Session,
    link: RepositoryLink,
    delivery: str,
    body: bytes,
    push: PushEvent,
    uploads_per_minute: int,
) -> Reply:
    """Store the push, unless the same delivery or the same signed body is there already.

    One that had failed is tried anew, and counts as received when it was. The link's row is locked.
    """
    at, body_sha256 = now(), hashlib.sha256(body).hexdigest()
    is_same = sa.or_(Push.delivery == delivery, Push.body_sha256 == body_sha256)
    same = session.scalars(sa.select(Push).where(Push.link_id == link.id, is_same)).all()
    failed = next((row for row in same if row.state is PushState.FAILED), None)
    if same and failed is None:
        return REPEATED
    of_link = (Push.link_id == link.id, Push.state == PushState.WAITING)
    if _count(session, sa.select(Push.id).where(*of_link)) >= MAX_WAITING:
        return TOO_MANY_WAIT
    if failed is not None:
        failed.state, failed.text = PushState.WAITING, None
        errands.begin(failed, at)
        return ACCEPTED
    if _hand_ins_since(session, link.user_id, at - MINUTE) >= uploads_per_minute:
        return TOO_OFTEN
    session.add(
        Push(
            link_id=link.id,
            delivery=delivery,
            body_sha256=body_sha256,
            before=push.before,
            commit=push.after,
            received_at=at,
            next_try_at=at,
        )
    )
    return ACCEPTED


def _hand_ins_since(session: Session, user_id: int, since: datetime) -> int:
    """Return how often the person has handed in, by pushes that we were told of or in any other way."""
    pushes = (
        sa.select(Push.id)
        .join(RepositoryLink, Push.link_id == RepositoryLink.id)
        .where(RepositoryLink.user_id == user_id, Push.received_at > since)
    )
    others = sa.select(Submission.id).where(
        Submission.user_id == user_id,
        Submission.received_at > since,
        ~sa.exists().where(Push.submission_id == Submission.id),
    )
    return _count(session, pushes) + _count(session, others)


def _count(session: Session, found: sa.Select[int]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
