"""One delivery: what was sent, what came back at each try, and sending it once more."""

from __future__ import annotations

import json

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from grader.db.base import now
from grader.db.models import Role, Webhook, WebhookDelivery
from grader.web.access import require_course
from grader.web.integrations import blueprint
from grader.web.integrations.webhook import the_webhook, webhook_to_change
from grader.web.service import reading, service
from grader.webhooks import messages, queueing
from grader.webhooks.delivering import headers_of


@blueprint.get("/courses/<course>/webhooks/<webhook>/deliveries/<delivery>")
def delivery(course: str, webhook: str, delivery: str) -> str:
    """Show the delivery with its request and every answer."""
    access = require_course(course, Role.INSTRUCTOR)
    found = the_delivery(reading(), the_webhook(reading(), access, webhook), delivery)
    body = messages.body_of(found, service().settings.public_url)
    return render_template(
        "integrations/delivery.html",
        course=access.course,
        webhook=found.webhook,
        delivery=found,
        body=json.dumps(json.loads(body), indent=2, ensure_ascii=False),
        attempts=[
            {"attempt": attempt, "headers": headers_of(found, int(attempt.at.timestamp()), attempt.signature)}
            for attempt in reversed(found.attempts)
        ],
    )


@blueprint.post("/courses/<course>/webhooks/<webhook>/deliveries/<delivery>/redeliver")
def redeliver(course: str, webhook: str, delivery: str) -> Response:
    """Send the delivery once more."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        found = the_delivery(session, webhook_to_change(session, access, webhook), delivery)
        queueing.redeliver(session, found, access.user.id, now())
    flash("It is sent once more. Load the page again in a moment.", "good")
    return redirect(
        url_for("integrations.delivery", course=course, webhook=webhook, delivery=delivery), code=303
    )


def the_delivery(session: Session, webhook: Webhook, public_id: str) -> WebhookDelivery:
    """Return the endpoint's delivery of this id; NotFound if there is none."""
    found = session.scalar(
        sa.select(WebhookDelivery).where(
            WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.public_id == public_id
        )
    )
    if found is None:
        raise NotFound
    return found
