"""A course's page: its units, their deadlines, and one's own scores."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import render_template

from grader.db.base import now
from grader.db.models import CourseUnit
from grader.results.history import histories_of
from grader.review.queue import open_count
from grader.web.access import CourseAccess, require_course
from grader.web.pages import blueprint
from grader.web.pages.audience import audience_of
from grader.web.pages.wording import time_left
from grader.web.service import reading
from grader.webhooks import endpoints


@blueprint.get("/courses/<course>/", endpoint="course")
def show_course(course: str) -> str:
    """Show the units of the course; those not published are for staff only."""
    access = require_course(course)
    units = _units(access)
    histories = histories_of(reading(), units, access.user.id, audience_of(access))
    at = now()
    return render_template(
        "pages/course.html",
        course=access.course,
        access=access,
        to_review=open_count(reading(), units) if access.is_staff else 0,
        webhook_is_off=access.is_instructor and _is_a_webhook_off(access),
        units=[
            {
                "unit": unit,
                "history": histories[unit.id],
                "left": _left(histories[unit.id].terms.deadline_at, at),
                "opens_later": unit.opens_at is not None and at < unit.opens_at,
            }
            for unit in units
        ],
    )


def _left(deadline_at: datetime | None, at: datetime) -> str | None:
    return None if deadline_at is None else time_left(deadline_at, at)


def _is_a_webhook_off(access: CourseAccess) -> bool:
    """Whether the grader has switched off a webhook of the course, which its instructors should know."""
    return any(webhook.off_reason for webhook in endpoints.endpoints(reading(), access.course.id))


def _units(access: CourseAccess) -> list[CourseUnit]:
    query = sa.select(CourseUnit).where(CourseUnit.course_id == access.course.id)
    if not access.is_staff:
        query = query.where(CourseUnit.is_published)
    return list(reading().scalars(query.order_by(CourseUnit.position, CourseUnit.id)))
