"""Putting a member's name or e-mail address right."""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response

from grader.accounts import names
from grader.accounts.addresses import is_address, normal
from grader.accounts.correcting import correct, locked_account, may_be_corrected
from grader.db.models import Role
from grader.web.access import require_course
from grader.web.accounts import blueprint
from grader.web.accounts.people import member_page
from grader.web.service import service


@blueprint.post("/courses/<course>/people/<int:enrolment_id>/account")
def correct_account(course: str, enrolment_id: int) -> Response:
    """Change the name and the address of a member whose account is the course's alone."""
    access = require_course(course, Role.INSTRUCTOR)
    email, name = normal(request.form.get("email", "")), names.normal(request.form.get("name", ""))
    problems = {}
    if not is_address(email):
        problems["email"] = "Please enter one e-mail address, such as ada@example.org."
    if problem := names.problem(name):
        problems["name"] = problem
    with service().database.writing() as session:
        user = locked_account(session, access.course.id, enrolment_id)
        if user is None:
            raise NotFound
        if not may_be_corrected(session, user, access.user, access.course.id):
            raise Forbidden
        if not problems and (taken := correct(session, user, email, name, access.user.id, access.course.id)):
            problems["email"] = taken
    if problems:
        values = {"email": email, "name": name}
        return make_response(member_page(access, enrolment_id, values, problems), 422)
    flash("Saved.", "good")
    return redirect(url_for("accounts.member", course=course, enrolment_id=enrolment_id), code=303)
