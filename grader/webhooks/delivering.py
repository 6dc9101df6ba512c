"""Sending deliveries, and what follows from how it went."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import joinedload

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Webhook, WebhookAttempt, WebhookDelivery
from grader.errors import OutboundError, SealError
from grader.outbound import errands
from grader.outbound.client import Answer, Outbound, Request
from grader.sealing import Sealer
from grader.webhooks import endpoints, messages
from grader.webhooks.signing import signatures

log = structlog.get_logger("grader.webhooks")

MINUTE_S, HOUR_S = 60.0, 3600.0
# Three days in all: an endpoint that is down over a weekend misses nothing.
PAUSES_S = (
    *(5.0, 30.0, 2 * MINUTE_S, 10 * MINUTE_S, 30 * MINUTE_S),
    *(
        HOUR_S,
        2 * HOUR_S,
        4 * HOUR_S,
        8 * HOUR_S,
        8 * HOUR_S,
        12 * HOUR_S,
        12 * HOUR_S,
        12 * HOUR_S,
        12 * HOUR_S,
    ),
)
REST_S = 30.0  # so long an endpoint that has just failed is asked nothing else
OFF_AFTER = timedelta(days=5)  # of nothing but failures
GONE = 410
FAILED_TOO_LONG = "It was switched off because nothing could be delivered for five days."
SAID_GONE = "It was switched off because the endpoint answered that it is gone (410)."


@dataclass(frozen=True)
class Sent:
    """How one try went."""

    at: datetime
    signature: str
    duration_s: float
    answer: Answer | None
    error: str | None

    @property
    def problem(self) -> str | None:
        """What went wrong, in words; None if it was delivered."""
        if self.answer is None:
            return self.error
        return None if self.answer.is_success else f"The endpoint answered {self.answer.status}."


class Delivering:
    """The errand of sending deliveries."""

    def __init__(self, database: Database, outbound: Outbound, sealer: Sealer, public_url: str):
        self._database = database
        self._outbound = outbound
        self._sealer = sealer
        self._public_url = public_url

    def take(self) -> Callable[[], None] | None:
        """Take a delivery that is due; return what sends it."""
        resting = sa.select(Webhook.id).where(Webhook.paused_until > now())
        key = errands.take_due(self._database, WebhookDelivery, WebhookDelivery.webhook_id.not_in(resting))
        return None if key is None else partial(self._deliver, key)

    def _deliver(self, delivery_id: int) -> None:
        with self._database.reading() as session:
            delivery = session.get(
                WebhookDelivery, delivery_id, options=[joinedload(WebhookDelivery.webhook)]
            )
        if delivery is not None:  # else the endpoint was removed
            self._record(delivery, self._send(delivery))

    def _send(self, delivery: WebhookDelivery) -> Sent:
        at, body = now(), messages.body_of(delivery, self._public_url)
        timestamp, begun_s = int(at.timestamp()), time.monotonic()
        signature, answer, error = "", None, None
        try:
            found = endpoints.secrets_of(self._sealer, delivery.webhook, at)
            signature = signatures(found, delivery.public_id, timestamp, body)
            headers = headers_of(delivery, timestamp, signature)
            answer = self._outbound.send(Request("POST", delivery.webhook.url, headers, body))
        except (OutboundError, SealError) as problem:
            error = str(problem)
        return Sent(at, signature, time.monotonic() - begun_s, answer, error)

    def _record(self, taken: WebhookDelivery, sent: Sent) -> None:
        with self._database.writing() as session:
            webhook = session.get(Webhook, taken.webhook_id, with_for_update={"key_share": True})
            delivery = session.get(WebhookDelivery, taken.id)
            if webhook is None or delivery is None:
                return  # the endpoint was removed meanwhile
            delivery.attempts.append(
                WebhookAttempt(
                    at=sent.at,
                    signature=sent.signature,
                    duration_s=sent.duration_s,
                    status=None if sent.answer is None else sent.answer.status,
                    answer=None if sent.answer is None else sent.answer.body.replace("\0", ""),
                    error=sent.error,
                )
            )
            if delivery.tries != taken.tries:
                return  # another has taken it since, and writes what comes of it
            delivery.last_status = None if sent.answer is None else sent.answer.status
            if sent.problem is None:
                errands.finish(delivery)
                delivery.delivered_at = now()
                webhook.failing_since = webhook.paused_until = None
                return
            log.info("webhook_not_delivered", webhook=webhook.public_id, problem=sent.problem)
            is_test = delivery.run_id is None
            errands.try_again(delivery, sent.problem, () if is_test else PAUSES_S, now())
            if not webhook.is_active:
                delivery.next_try_at = None
                return
            webhook.failing_since = webhook.failing_since or sent.at
            webhook.paused_until = now() + timedelta(seconds=REST_S)
            if delivery.last_status == GONE:
                endpoints.switch_off(session, webhook, None, SAID_GONE)
            elif sent.at - webhook.failing_since > OFF_AFTER:
                endpoints.switch_off(session, webhook, None, FAILED_TOO_LONG)


def headers_of(delivery: WebhookDelivery, timestamp: int, signature: str) -> dict[str, str]:
    """Return the headers that a delivery is sent with, beside the usual ones."""
    return {
        "Content-Type": "application/json",
        "webhook-id": delivery.public_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }
