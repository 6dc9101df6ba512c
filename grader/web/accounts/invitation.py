"""Following an invitation's link: into a new account, or into a course with the account one has."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from grader.accounts import invitations, names, passwords
from grader.accounts.invitations import Way
from grader.db.base import now
from grader.db.models import Invitation
from grader.web.accounts import blueprint
from grader.web.accounts.devices import remember_device
from grader.web.identity import current_identity, start_session
from grader.web.service import reading, service


@blueprint.get("/invitation/<token>")
def invitation(token: str) -> Response:
    """Show what the link leads to, and how to accept."""
    found = invitations.find_invitation(reading(), token, now())
    return make_response(_page(found, token), 404 if found is None else 200)


@blueprint.post("/invitation/<token>")
def accept_invitation(token: str) -> Response:
    """Accept as the person who is signed in, or with a new account."""
    return _accept_as_new(token) if current_identity() is None else _accept(token)


def _accept(token: str) -> Response:
    identity = current_identity()
    assert identity is not None
    with service().database.writing() as session:
        found = invitations.find_invitation(session, token, now(), to_accept=True)
        if found is None or not invitations.accept_as(session, found, identity.user, now()):
            raise NotFound
        return _to_course(found)


def _accept_as_new(token: str) -> Response:
    name = names.normal(request.form.get("name", ""))
    password = request.form.get("password", "")
    shown = invitations.find_invitation(reading(), token, now())
    if shown is None:
        return make_response(_page(None, token), 404)
    problems = {}
    if problem := names.problem(name):
        problems["name"] = problem
    if weakness := passwords.weakness(password, shown.email, name):
        problems["password"] = weakness
    elif password != request.form.get("again"):
        problems["again"] = "The two passwords differ. Please type the same one twice."
    if problems:
        return make_response(_page(shown, token, problems, name), 422)
    with service().database.writing() as session:
        found = invitations.find_invitation(session, token, now(), to_accept=True)
        user = invitations.accept_as_new(session, found, name, password, now()) if found else None
        if found is None or user is None:
            raise NotFound
    start_session(user)
    response = _to_course(found)
    remember_device(response, user)
    return response


def _to_course(found: Invitation) -> Response:
    flash(f"Welcome to {found.course.title}.", "good")
    return redirect(url_for("pages.course", course=found.course.slug), code=303)


def _page(
    found: Invitation | None, token: str, problems: dict[str, str] | None = None, name: str = ""
) -> str:
    if found is None:
        return render_template("accounts/invitation_over.html")
    identity = current_identity()
    settings = service().settings
    return render_template(
        "accounts/invitation.html",
        invitation=found,
        token=token,
        problems=problems or {},
        name=name or found.name,
        must_sign_in=identity is None and invitations.way_of(reading(), found) is Way.SIGN_IN,
        is_for_asker=identity is not None and invitations.is_for(reading(), found, identity.user),
        oidc_label=settings.oidc_label if settings.oidc_issuer else "",
    )
