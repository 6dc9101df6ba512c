"""Answering a host that tells of a push: checked before anything is read, stored once, carried out later."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Push, PushState, RepositoryLink
from grader.errors import SealError
from grader.pushes.hosts import HOSTS
from grader.pushes.hosts.host import PushEvent
from grader.pushes.links import SECRET_PURPOSE, origin_and_repository
from grader.sealing import Sealer

COMMIT = re.compile(r"[0-9a-f]{40}")
NOTHING = re.compile(r"0+")  # the commit of a branch that is not there
MAX_DELIVERY_CHARACTERS = 200


@dataclass(frozen=True)
class Reply:
    """The answer to the host: HTTP status, a stable word, and a sentence for who reads the host's log."""

    status: int
    result: str
    text: str


UNKNOWN = Reply(404, "unknown", "There is no such address. Was the link removed, or made anew?")
FORGED = Reply(401, "not-signed", "The signature is missing or wrong. Is the secret the one of this link?")
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


def receive(
    database: Database, sealer: Sealer, public_id: str, headers: Mapping[str, str], body: bytes
) -> Reply:
    """Take what a host sends to the link of this id; once ACCEPTED is returned, the push is stored."""
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
        session.execute(sa.update(RepositoryLink).where(RepositoryLink.id == link.id).values(heard_at=now()))
        if reply is ACCEPTED:
            assert isinstance(push, PushEvent)
            delivery = host.delivery(headers)[:MAX_DELIVERY_CHARACTERS]
            return _store(session, link, delivery, body, push) if delivery else NO_DELIVERY
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


def _store(session: Session, link: RepositoryLink, delivery: str, body: bytes, push: PushEvent) -> Reply:
    """Store the push, unless the same delivery or the same signed body is there already."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    at = now()
    stored = session.scalar(
        insert(Push)
        .values(
            link_id=link.id,
            delivery=delivery,
            body_sha256=hashlib.sha256(body).hexdigest(),
            before=push.before,
            commit=push.after,
            received_at=at,
            state=PushState.WAITING,
            tries=0,
            next_try_at=at,
        )
        .on_conflict_do_nothing()
        .returning(Push.id)
    )
    return REPEATED if stored is None else ACCEPTED
