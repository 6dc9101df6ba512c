"""Everybody's submissions of a unit, for staff."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask import render_template, request

from grader.db.models import GradingRun, Role, RunState, Submission, User
from grader.web.access import require_unit
from grader.web.pages import blueprint
from grader.web.service import reading

PAGE_ROWS = 50

Entry = sa.Row[str, int, datetime, bool, str, str, RunState, float | None]


@blueprint.get("/courses/<course>/<unit>/submissions", endpoint="submissions")
def list_submissions(course: str, unit: str) -> str:
    """List the unit's submissions, newest first; `q` is part of a student's name or address."""
    access = require_unit(course, unit, at_least=Role.TA)
    search = request.args.get("q", "").strip()
    found = _found(access.unit.id, search)
    count = reading().scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    pages = max(1, math.ceil(count / PAGE_ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "pages/submissions.html",
        course=access.course,
        unit=access.unit,
        access=access,
        rows=_rows(found, page),
        total=count,
        search=search,
        page=page,
        pages=pages,
    )


def _found(unit_id: int, search: str) -> sa.Select[int]:
    """Select the ids of the unit's submissions, of people who are called so."""
    query = sa.select(Submission.id).where(Submission.course_unit_id == unit_id)
    if not search:
        return query
    is_called = User.name.icontains(search, autoescape=True) | User.email.icontains(search, autoescape=True)
    return query.join(User, Submission.user_id == User.id).where(is_called)


def _rows(found: sa.Select[int], page: int) -> Sequence[Entry]:
    """Return a page of the list; its ids first, so that what lies before it is only counted off."""
    newest_first = (Submission.received_at.desc(), Submission.id.desc())
    ids = found.order_by(*newest_first).limit(PAGE_ROWS).offset((page - 1) * PAGE_ROWS).subquery()
    return (
        reading()
        .execute(
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
            .join(ids, Submission.id == ids.c.id)
            .join(User, Submission.user_id == User.id)
            .join(GradingRun, sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands))
            .order_by(*newest_first)
        )
        .all()
    )
