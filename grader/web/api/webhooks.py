"""A course's webhooks: registered, tried out, renewed, removed; and what was sent to them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grader.db.base import now
from grader.db.models import Role, Webhook, WebhookDelivery
from grader.sealing import sealer_of
from grader.web.access import require_course
from grader.web.api import blueprint
from grader.web.api.admission import arguments, operation, read_form
from grader.web.api.problems import Problem
from grader.web.api.values import address, moment
from grader.web.integrations.deliveries import the_delivery
from grader.web.integrations.webhook import the_webhook, webhook_to_change
from grader.web.integrations.webhooks import problem_with
from grader.web.service import reading, service
from grader.webhooks import endpoints, queueing

Answer = tuple[dict[str, Any], int]


@blueprint.get("/courses/<course>/webhooks")
def list_webhooks(course: str) -> dict[str, Any]:
    """List the course's webhooks, without their secrets."""
    access = require_course(course, Role.INSTRUCTOR)
    return {"items": [_webhook(found, course) for found in endpoints.endpoints(reading(), access.course.id)]}


@blueprint.post("/courses/<course>/webhooks")
def create_webhook(course: str) -> Answer:
    """Register a webhook; the answer has its secret, this once."""
    access = require_course(course, Role.INSTRUCTOR)
    url = read_form(operation())["url"]
    if problem := problem_with(access, url):
        raise Problem("webhook-refused", problem)
    with service().database.writing() as session:
        sealer = sealer_of(service().settings)
        webhook, secret = endpoints.register(session, sealer, access.course.id, url, access.user.id)
    return {**_webhook(webhook, course), "secret": secret}, 201


@blueprint.post("/courses/<course>/webhooks/<webhook>/test")
def test_webhook(course: str, webhook: str) -> Answer:
    """Send a test message."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        found = webhook_to_change(session, access, webhook)
        delivery = queueing.send_test(session, found, access.user.id, now())
    return _delivery(delivery), 202


@blueprint.post("/courses/<course>/webhooks/<webhook>/secret")
def renew_webhook_secret(course: str, webhook: str) -> dict[str, Any]:
    """Make a new secret; the answer has it, this once."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        found = webhook_to_change(session, access, webhook)
        secret = endpoints.rotate(session, sealer_of(service().settings), found, access.user.id, now())
    return {**_webhook(found, course), "secret": secret}


@blueprint.post("/courses/<course>/webhooks/<webhook>/remove")
def remove_webhook(course: str, webhook: str) -> dict[str, Any]:
    """Remove a webhook with all that was sent to it."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        found = webhook_to_change(session, access, webhook, to_remove=True)
        removed = _webhook(found, course)
        endpoints.remove(session, found, access.user.id)
    return removed


@blueprint.get("/courses/<course>/webhooks/<webhook>/deliveries")
def list_deliveries(course: str, webhook: str) -> dict[str, Any]:
    """List what was sent to a webhook, the newest first."""
    found = the_webhook(reading(), require_course(course, Role.INSTRUCTOR), webhook)
    rows = reading().scalars(
        sa.select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == found.id)
        .order_by(WebhookDelivery.id.desc())
        .limit(arguments()["limit"])
    )
    return {"items": [_delivery(delivery) for delivery in rows]}


@blueprint.post("/courses/<course>/webhooks/<webhook>/deliveries/<delivery>/redeliver")
def redeliver(course: str, webhook: str, delivery: str) -> Answer:
    """Send a delivery once more, under the same id."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        found = the_delivery(session, webhook_to_change(session, access, webhook), delivery)
        queueing.redeliver(session, found, access.user.id, now())
    return _delivery(found), 202


def _webhook(webhook: Webhook, course: str) -> dict[str, Any]:
    return {
        "id": webhook.public_id,
        "url": webhook.url,
        "is_active": webhook.is_active,
        "off_reason": webhook.off_reason,
        "failing_since": moment(webhook.failing_since),
        "created_at": moment(webhook.created_at),
        "page": address("integrations.webhook", course=course, webhook=webhook.public_id),
    }


def _delivery(delivery: WebhookDelivery) -> dict[str, Any]:
    return {
        "id": delivery.public_id,
        "type": delivery.payload["type"],
        "submission": delivery.payload["data"].get("submission"),
        "state": delivery.state,
        "tries": delivery.tries,
        "last_status": delivery.last_status,
        "last_error": delivery.last_error,
        "created_at": moment(delivery.created_at),
        "delivered_at": moment(delivery.delivered_at),
        "next_try_at": moment(delivery.next_try_at),
    }
