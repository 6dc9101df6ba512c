"""One endpoint: how it does, what was sent to it, and what may be done to it."""

from __future__ import annotations

import sqlalchemy as sa
from flask import flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from grader.db.base import now
from grader.db.models import Role, Webhook, WebhookDelivery
from grader.sealing import sealer_of
from grader.web.access import CourseAccess, require_course
from grader.web.integrations import blueprint
from grader.web.integrations.webhooks import secret_page
from grader.web.service import reading, service
from grader.webhooks import endpoints, queueing

PAGE_ROWS = 50


@blueprint.get("/courses/<course>/webhooks/<webhook>")
def webhook(course: str, webhook: str) -> str:
    """Show the endpoint with its deliveries, the newest first."""
    access = require_course(course, Role.INSTRUCTOR)
    found = the_webhook(reading(), access, webhook)
    page = max(1, request.args.get("page", 1, type=int))
    rows = reading().scalars(
        sa.select(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == found.id)
        .order_by(WebhookDelivery.id.desc())
        .limit(PAGE_ROWS + 1)
        .offset((page - 1) * PAGE_ROWS)
    )
    deliveries = list(rows)
    return render_template(
        "integrations/webhook.html",
        course=access.course,
        webhook=found,
        deliveries=deliveries[:PAGE_ROWS],
        has_older=len(deliveries) > PAGE_ROWS,
        page=page,
    )


@blueprint.post("/courses/<course>/webhooks/<webhook>/test")
def try_webhook(course: str, webhook: str) -> Response:
    """Send a test message, and show what comes of it."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        found = webhook_to_change(session, access, webhook)
        delivery = queueing.send_test(session, found, access.user.id, now())
    shown = url_for("integrations.delivery", course=course, webhook=webhook, delivery=delivery.public_id)
    return redirect(shown, code=303)


@blueprint.post("/courses/<course>/webhooks/<webhook>/secret")
def rotate_webhook_secret(course: str, webhook: str) -> Response:
    """Give the endpoint a new secret and show it, this once."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        found = webhook_to_change(session, access, webhook)
        sealer = sealer_of(service().settings)
        secret = endpoints.rotate(session, sealer, found, access.user.id, now())
    return make_response(secret_page(access, found, secret), 201)


@blueprint.post("/courses/<course>/webhooks/<webhook>/switch")
def switch_webhook(course: str, webhook: str) -> Response:
    """Switch the endpoint off, or on again, as the field `to` says."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        found = webhook_to_change(session, access, webhook)
        if request.form.get("to") == "on":
            endpoints.switch_on(session, found, access.user.id)
        else:
            endpoints.switch_off(session, found, access.user.id)
    text = "It is told of grades from now on." if found.is_active else "It is told nothing more."
    flash(text, "good")
    return redirect(url_for("integrations.webhook", course=course, webhook=webhook), code=303)


@blueprint.post("/courses/<course>/webhooks/<webhook>/remove")
def remove_webhook(course: str, webhook: str) -> Response:
    """Remove the endpoint with all that was sent to it."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        found = webhook_to_change(session, access, webhook, to_remove=True)
        endpoints.remove(session, found, access.user.id)
    flash("The webhook is removed.", "good")
    return redirect(url_for("integrations.webhooks", course=course), code=303)


def the_webhook(session: Session, access: CourseAccess, public_id: str) -> Webhook:
    """Return the course's endpoint of this id; NotFound if there is none."""
    found = session.scalar(
        sa.select(Webhook).where(Webhook.course_id == access.course.id, Webhook.public_id == public_id)
    )
    if found is None:
        raise NotFound
    return found


def webhook_to_change(
    session: Session, access: CourseAccess, public_id: str, *, to_remove: bool = False
) -> Webhook:
    """Return the same, locked in a writing session."""
    found = endpoints.find(session, access.course.id, public_id, to_remove=to_remove)
    if found is None:
        raise NotFound
    return found
