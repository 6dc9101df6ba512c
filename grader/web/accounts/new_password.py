"""Setting a new password by a link that an instructor has made."""

from __future__ import annotations

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response

from grader.accounts import own_account, passwords, tokens
from grader.accounts.password_links import (
    LIFETIME,
    find_by_password_link,
    make_password_link,
    may_be_helped,
)
from grader.db.base import now
from grader.db.models import Enrolment, Role, User
from grader.web.access import require_course
from grader.web.accounts import blueprint
from grader.web.accounts.devices import remember_device
from grader.web.identity import start_session
from grader.web.service import reading, service


@blueprint.post("/courses/<course>/people/<int:enrolment_id>/password-link")
def make_link(course: str, enrolment_id: int) -> Response:
    """Make a link for a member who forgot the password, and show it, this once."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        found = session.get(Enrolment, enrolment_id)
        if found is None or found.course_id != access.course.id or found.ended_at is not None:
            raise NotFound
        if not may_be_helped(session, found.user, access.user, access.course.id):
            raise Forbidden
        user = found.user
        token = make_password_link(
            session, current_app.config["SECRET_KEY"], user, access.user.id, access.course.id, now()
        )
    link = service().settings.public_url + url_for("accounts.new_password", token=token)
    page = render_template(
        "accounts/password_link.html",
        course=access.course,
        user=user,
        link=link,
        days=LIFETIME.days,
        enrolment_id=enrolment_id,
    )
    return make_response(page, 201)


@blueprint.get("/password/<token>")
def new_password(token: str) -> Response:
    """Show the form for a new password."""
    user = _find(reading(), token)
    return make_response(_page(user), 404 if user is None else 200)


@blueprint.post("/password/<token>")
def set_new_password(token: str) -> Response:
    """Set the new password, end all sessions, and sign in."""
    password = request.form.get("password", "")
    with service().database.writing() as session:
        user = _find(session, token, to_use=True)
        if user is None:
            return make_response(_page(None), 404)
        problems = {}
        if weakness := passwords.weakness(password, user.email, user.name):
            problems["password"] = weakness
        elif password != request.form.get("again"):
            problems["again"] = "The two passwords differ. Please type the same one twice."
        if problems:
            return make_response(_page(user, problems), 422)
        changed = own_account.set_password(session, user.id, password)
        tokens.revoke_all_tokens(session, user.id, now())
    start_session(changed)
    flash("Your new password is set.", "good")
    response = redirect(url_for("accounts.home"), code=303)
    remember_device(response, changed)
    return response


def _find(session: Session, token: str, *, to_use: bool = False) -> User | None:
    return find_by_password_link(session, current_app.config["SECRET_KEY"], token, now(), to_use=to_use)


def _page(user: User | None, problems: dict[str, str] | None = None) -> str:
    if user is None:
        return render_template("accounts/invitation_over.html", of="two days")
    return render_template("accounts/new_password.html", user=user, problems=problems or {})
