"""Everybody's submissions of a unit, for staff."""

from __future__ import annotations

import math

import sqlalchemy as sa
from flask import render_template, request

from grader.db.models import GradingRun, Role, Submission, User
from grader.web.access import require_unit
from grader.web.pages import blueprint
from grader.web.service import reading

PAGE_ROWS = 50


@blueprint.get("/courses/<course>/<unit>/submissions", endpoint="submissions")
def list_submissions(course: str, unit: str) -> str:
    """List the unit's submissions, newest first; `q` is part of a student's name or address."""
    access = require_unit(course, unit, at_least=Role.TA)
    search = request.args.get("q", "").strip()
    here = Submission.course_unit_id == access.unit.id
    found = here if not search else here & _is_called(search)
    count = reading().scalar(_count(with_people=bool(search)).where(found)) or 0
    pages = max(1, math.ceil(count / PAGE_ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    rows = reading().execute(
        sa.select(
            Submission.public_id,
            Submission.number,
            Submission.received_at,
            Submission.is_late,
            User.name,
            User.email,
            GradingRun.state,
            GradingRun.score,
        )
        .join(User, Submission.user_id == User.id)
        .join(GradingRun, sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands))
        .where(found)
        .order_by(Submission.received_at.desc(), Submission.id.desc())
        .limit(PAGE_ROWS)
        .offset((page - 1) * PAGE_ROWS)
    )
    return render_template(
        "pages/submissions.html",
        course=access.course,
        unit=access.unit,
        rows=rows.all(),
        total=count,
        search=search,
        page=page,
        pages=pages,
    )


def _count(with_people: bool) -> sa.Select[int]:
    query = sa.select(sa.func.count()).select_from(Submission)
    return query.join(User, Submission.user_id == User.id) if with_people else query


def _is_called(search: str) -> sa.ColumnElement[bool]:
    return User.name.icontains(search, autoescape=True) | User.email.icontains(search, autoescape=True)
