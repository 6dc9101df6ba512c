"""A course's webhooks: which endpoints are told of its grades."""

from __future__ import annotations

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from grader.db.models import Role, Webhook
from grader.errors import OutboundRefused
from grader.outbound.client import outbound_of
from grader.sealing import sealer_of
from grader.web.access import CourseAccess, require_course
from grader.web.integrations import blueprint
from grader.web.service import reading, service
from grader.webhooks import endpoints

TOO_MANY = f"A course can have {endpoints.MAX_PER_COURSE} webhooks. Remove one that is not needed any more."


@blueprint.get("/courses/<course>/webhooks")
def webhooks(course: str) -> str:
    """Show the course's endpoints, with the form that adds one."""
    return _page(require_course(course, Role.INSTRUCTOR))


@blueprint.post("/courses/<course>/webhooks")
def register_webhook(course: str) -> Response:
    """Add an endpoint and show its secret, this once."""
    access = require_course(course, Role.INSTRUCTOR)
    url = request.form.get("url", "").strip()
    if problem := problem_with(access, url):
        return make_response(_page(access, problem), 422)
    with service().database.writing() as session:
        webhook, secret = endpoints.register(
            session, sealer_of(service().settings), access.course.id, url, access.user.id
        )
    return make_response(secret_page(access, webhook, secret), 201)


def problem_with(access: CourseAccess, url: str) -> str | None:
    """Return why the course can't have an endpoint at this address; None if it can."""
    try:
        outbound_of(service().settings).check(url)
    except OutboundRefused as error:
        return str(error)
    if len(endpoints.endpoints(reading(), access.course.id)) >= endpoints.MAX_PER_COURSE:
        return TOO_MANY
    return None


def secret_page(access: CourseAccess, webhook: Webhook, secret: str) -> str:
    """Return the page that shows an endpoint's secret."""
    return render_template(
        "integrations/webhook_secret.html",
        course=access.course,
        webhook=webhook,
        secret=secret,
        overlap_h=endpoints.OVERLAP.total_seconds() / 3600,
    )


def _page(access: CourseAccess, problem: str | None = None) -> str:
    return render_template(
        "integrations/webhooks.html",
        course=access.course,
        webhooks=endpoints.endpoints(reading(), access.course.id),
        problem=problem,
    )
