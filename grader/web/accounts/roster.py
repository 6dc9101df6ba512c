"""Bringing in a course's list: choose a file, look at what changes, then do exactly that.

The second form carries the file itself, so nothing is kept between the two.
"""

from __future__ import annotations

import base64
import binascii

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from grader.accounts.roster import MAX_BYTES, Roster, read_roster
from grader.accounts.roster_import import Kind, Plan, apply_import, plan_import
from grader.db.models import Role
from grader.web.access import CourseAccess, require_course
from grader.web.accounts import blueprint
from grader.web.accounts.people import ROLE_WORDS
from grader.web.service import reading, service
from grader.web.words import count


@blueprint.post("/courses/<course>/people/roster")
def preview_roster(course: str) -> Response:
    """Show what the file would change, or what is wrong with it; change nothing."""
    access = require_course(course, Role.INSTRUCTOR)
    upload = request.files.get("list")
    content = upload.stream.read(MAX_BYTES + 1) if upload else b""
    roster = read_roster(content)
    plan = plan_import(reading(), access.course.id, roster.rows, access.user.id)
    return _preview(access, content, roster, plan)


@blueprint.post("/courses/<course>/people/roster/apply")
def apply_roster(course: str) -> Response:
    """Do what the preview showed; show it again if that has become something else meanwhile."""
    access = require_course(course, Role.INSTRUCTOR)
    try:
        content = base64.b64decode(request.form.get("list", ""), validate=True)
    except binascii.Error:
        raise BadRequest from None
    roster = read_roster(content)
    if roster.problems:
        return _preview(access, content, roster, Plan((), (), ()))
    with service().database.writing() as session:
        plan, is_done = apply_import(
            session, access.course.id, roster.rows, access.user.id, request.form.get("plan", "")
        )
    if not is_done:
        return _preview(access, content, roster, plan, has_moved=True)
    flash(_summary(plan), "good")
    return redirect(url_for("accounts.people", course=course), code=303)


def _summary(plan: Plan) -> str:
    new, returning, changed = (len(plan.of_kind(kind)) for kind in (Kind.NEW, Kind.RETURNS, Kind.CHANGES))
    parts = [f"{count(new, 'person', 'people')} added", f"{count(changed, 'member')} changed"]
    if returning:
        parts.append(f"{count(returning, 'former member')} back")
    return f"The list is in: {', '.join(parts)}."


def _preview(
    access: CourseAccess, content: bytes, roster: Roster, plan: Plan, has_moved: bool = False
) -> Response:
    problems = roster.problems or plan.problems
    page = render_template(
        "accounts/roster.html",
        course=access.course,
        roster=roster,
        plan=plan,
        problems=problems,
        has_moved=has_moved,
        content=base64.b64encode(content).decode(),
        role_words=ROLE_WORDS,
    )
    return make_response(page, 422 if problems else 200)
