"""Factories for webhooks, repositories elsewhere and what goes between; secrets are sealed under KEY."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import Course, CourseUnit, Push, RepositoryLink, User, Webhook, WebhookDelivery
from grader.pushes.links import SECRET_PURPOSE, TOKEN_PURPOSE
from grader.sealing import Sealer
from grader.webhooks import messages
from grader.webhooks.endpoints import PURPOSE

KEY = "a key for tests that is long enough"
SEALER = Sealer(KEY)
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
TOKEN = "token-of-ada"
URL = "https://hooks.example.org/grades"


def make_webhook(session: Session, course: Course, **fields: Any) -> Webhook:
    return _stored(
        session,
        Webhook(**{"course_id": course.id, "url": URL, "secret": SEALER.seal(SECRET, PURPOSE), **fields}),
    )


def make_delivery(session: Session, webhook: Webhook, **fields: Any) -> WebhookDelivery:
    """Store a delivery of a test message, due now."""
    at = now()
    usual = {"payload": messages.test_message(webhook, at), "next_try_at": at}
    return _stored(session, WebhookDelivery(**{"webhook_id": webhook.id, **usual, **fields}))


def make_link(session: Session, unit: CourseUnit, user: User, **fields: Any) -> RepositoryLink:
    """Store a link with SECRET to a repository at GitHub; `token=TOKEN` seals that, too."""
    usual = {"kind": "github", "url": "https://github.com/ada/nn", "secret": SECRET}
    given = {**usual, **fields}
    given["secret"] = SEALER.seal(given["secret"], SECRET_PURPOSE)
    if given.get("token"):
        given["token"] = SEALER.seal(given["token"], TOKEN_PURPOSE)
    return _stored(session, RepositoryLink(course_unit_id=unit.id, user_id=user.id, **given))


def make_push(session: Session, link: RepositoryLink, before: str, commit: str, **fields: Any) -> Push:
    """Store a push that was told of, due now; commits may be short: they are filled up to 40 digits."""
    count = session.query(Push).count()
    usual = {"delivery": f"delivery {count}", "body_sha256": f"body {count}", "next_try_at": now()}
    row = Push(link_id=link.id, before=full(before), commit=full(commit), **{**usual, **fields})
    return _stored(session, row)


def full(commit: str) -> str:
    """Fill a short name of a commit up to 40 digits."""
    return commit.ljust(40, "0")


def _stored(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row
