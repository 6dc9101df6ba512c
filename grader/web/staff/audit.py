"""The audit trail of a course: who decided what and when, to read, to search and to keep as CSV."""

from __future__ import annotations

import math

import sqlalchemy as sa
from flask import Response, render_template, request

from grader.db.models import Role
from grader.grades import trail
from grader.grades.trail import Search
from grader.web.access import require_course
from grader.web.limits import heavy
from grader.web.pages.attachment import attachment
from grader.web.service import reading
from grader.web.staff import blueprint

PAGE_ROWS = 50


@blueprint.get("/courses/<course>/decisions", endpoint="audit")
def show_audit(course: str) -> str:
    """Show what was decided in the course, the newest first."""
    access = require_course(course, Role.TA)
    search, is_instructor = _search(), access.is_instructor
    found = trail.found(access.course.id, search, is_instructor=is_instructor)
    total = reading().scalar(sa.select(sa.func.count()).select_from(found.order_by(None).subquery())) or 0
    pages = max(1, math.ceil(total / PAGE_ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    events = reading().scalars(found.limit(PAGE_ROWS).offset((page - 1) * PAGE_ROWS)).all()
    return render_template(
        "staff/audit.html",
        course=access.course,
        access=access,
        lines=trail.lines(reading(), events),
        kinds=trail.kinds(reading(), access.course.id, is_instructor=is_instructor),
        search=search,
        total=total,
        page=page,
        pages=pages,
    )


@blueprint.get("/courses/<course>/decisions.csv")
@heavy
def send_audit(course: str) -> Response:
    """Send all of it that the same search finds, as CSV."""
    access = require_course(course, Role.TA)
    found = trail.found(access.course.id, _search(), is_instructor=access.is_instructor)
    lines = trail.lines(reading(), reading().scalars(found).all())
    return attachment(trail.as_csv(lines), f"decisions-{access.course.slug}.csv", "text/csv")


def _search() -> Search:
    asked = request.args
    return Search(*(asked.get(name, "").strip() for name in ("person", "kind", "q")))
