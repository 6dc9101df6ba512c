"""A course's one webhook with one delivery, as tests of delivering see and change them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from grader.db.database import Database
from grader.db.models import Webhook, WebhookAttempt, WebhookDelivery
from grader.webhooks.delivering import Delivering
from grader.webhooks.signing import is_signed
from tests.integrations import make_delivery, make_webhook
from tests.outbound.stand_in import Asked, StandIn
from tests.people import World, make_run, make_submission


class Course:
    """A course's one webhook with one delivery, seen from the database."""

    def __init__(self, database: Database, world: World, endpoint: StandIn, **fields: Any):
        self.database = database
        with database.writing() as session:
            webhook = make_webhook(session, world.course, **{"url": f"{endpoint.origin}/in", **fields})
            self.webhook_id = webhook.id
            self.delivery_id = make_delivery(session, webhook, run_id=self._run(session, world)).id

    def _run(self, session: Session, world: World) -> int:
        return make_run(session, make_submission(session, world.unit, world.ada)).id

    def webhook(self) -> Webhook:
        with self.database.reading() as session:
            return session.get_one(Webhook, self.webhook_id)

    def delivery(self) -> WebhookDelivery:
        with self.database.reading() as session:
            return session.get_one(WebhookDelivery, self.delivery_id)

    def attempts(self) -> list[WebhookAttempt]:
        with self.database.reading() as session:
            return session.query(WebhookAttempt).order_by(WebhookAttempt.id).all()

    def change(self, **fields: Any) -> None:
        """Change the delivery, or the webhook's fields that it does not have."""
        with self.database.writing() as session:
            for name, value in fields.items():
                kind, key = (
                    (WebhookDelivery, self.delivery_id)
                    if hasattr(WebhookDelivery, name)
                    else (Webhook, self.webhook_id)
                )
                setattr(session.get_one(kind, key), name, value)


def deliver(delivering: Delivering) -> bool:
    """Do one errand; False if none is due."""
    act = delivering.take()
    if act is not None:
        act()
    return act is not None


def failing(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    return 500, {}, b"broken"


def signed_by(asked: Asked, secret: str) -> bool:
    headers = asked.headers
    return is_signed(
        secret, headers["webhook-signature"], headers["webhook-id"], headers["webhook-timestamp"], asked.body
    )
