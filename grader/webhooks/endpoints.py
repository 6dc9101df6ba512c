"""The addresses that a course tells of its grades: registered, rotated, switched off and on, removed."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import AuditEvent, Webhook, WebhookAttempt, WebhookDelivery
from grader.errors import SealError
from grader.sealing import Sealer
from grader.webhooks.signing import new_secret

MAX_PER_COURSE = 10
OVERLAP = timedelta(hours=24)  # so long the secret before a rotation signs, too
PURPOSE = "webhook secret"


def register(
    session: Session, sealer: Sealer, course_id: int, url: str, actor_id: int
) -> tuple[Webhook, str]:
    """Add an endpoint; return it with its secret, which is shown this once. The url has been checked."""
    secret = new_secret()
    webhook = Webhook(course_id=course_id, url=url, secret=sealer.seal(secret, PURPOSE))
    session.add(webhook)
    session.flush()
    record(session, webhook, "webhook.register", actor_id)
    return webhook, secret


def endpoints(session: Session, course_id: int) -> list[Webhook]:
    """Return the course's endpoints in the order they were registered."""
    return list(
        session.scalars(sa.select(Webhook).where(Webhook.course_id == course_id).order_by(Webhook.id))
    )


def find(session: Session, course_id: int, public_id: str, *, to_remove: bool = False) -> Webhook | None:
    """Return the course's endpoint of this id, locked for whoever writes; None if there is none.

    `to_remove` also keeps away those who are just adding deliveries to it.
    """
    return session.scalar(
        sa.select(Webhook)
        .where(Webhook.course_id == course_id, Webhook.public_id == public_id)
        .with_for_update(of=Webhook, key_share=not to_remove)
    )


def rotate(session: Session, sealer: Sealer, webhook: Webhook, actor_id: int, at: datetime) -> str:
    """Give the endpoint a new secret and return it; the one before goes on signing for a day."""
    secret = new_secret()
    webhook.previous_secret, webhook.previous_secret_until = webhook.secret, at + OVERLAP
    webhook.secret = sealer.seal(secret, PURPOSE)
    record(session, webhook, "webhook.rotate", actor_id)
    return secret


def secrets_of(sealer: Sealer, webhook: Webhook, at: datetime) -> list[str]:
    """Return the secrets that sign at this moment, the newest first; SealError if they can't be read."""
    found = [sealer.open(webhook.secret, PURPOSE)]
    until = webhook.previous_secret_until
    if webhook.previous_secret is not None and until is not None and at < until:
        with suppress(SealError):  # that may be why it was changed
            found.append(sealer.open(webhook.previous_secret, PURPOSE))
    return found


def switch_on(session: Session, webhook: Webhook, actor_id: int) -> None:
    """Tell this endpoint again, from now on; what was given up meanwhile stays so."""
    webhook.is_active = True
    webhook.off_reason = webhook.failing_since = webhook.paused_until = None
    record(session, webhook, "webhook.switch_on", actor_id)


def switch_off(session: Session, webhook: Webhook, actor_id: int | None, reason: str | None = None) -> None:
    """Tell this endpoint nothing more; what waits is given up. The actor None is the grader, for a reason."""
    webhook.is_active = False
    webhook.off_reason = reason
    session.execute(
        sa.update(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.next_try_at.is_not(None))
        .values(next_try_at=None)
    )
    record(session, webhook, "webhook.switch_off", actor_id, reason=reason)


def remove(session: Session, webhook: Webhook, actor_id: int) -> None:
    """Forget the endpoint and everything that was sent to it; it was found `to_remove`."""
    record(session, webhook, "webhook.remove", actor_id)
    of_webhook = sa.select(WebhookDelivery.id).where(WebhookDelivery.webhook_id == webhook.id)
    session.execute(sa.delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(of_webhook)))
    session.execute(sa.delete(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id))
    session.delete(webhook)


def record(session: Session, webhook: Webhook, action: str, actor_id: int | None, **details: Any) -> None:
    """Write down what was decided about the endpoint."""
    session.add(
        AuditEvent(
            actor_id=actor_id,
            course_id=webhook.course_id,
            action=action,
            subject=f"webhook {webhook.public_id}",
            details={"url": webhook.url, **details},
        )
    )
