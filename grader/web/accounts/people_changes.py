"""What instructors change about who is in a course: links to join, roles, the end of a membership."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from grader.accounts import members, names
from grader.accounts.addresses import is_address, normal
from grader.accounts.invitations import LIFETIME, invite, may_be_claimed
from grader.accounts.links_csv import Link, links_csv
from grader.db.base import now
from grader.db.models import Enrolment, Invitation, Role
from grader.web.access import CourseAccess, require_course
from grader.web.accounts import blueprint
from grader.web.accounts.people import ROLE_WORDS, people_page
from grader.web.service import service


@blueprint.post("/courses/<course>/people/invitations")
def invite_person(course: str) -> Response:
    """Make a link for one person and show it, this once."""
    access = require_course(course, Role.INSTRUCTOR)
    email, name = normal(request.form.get("email", "")), names.normal(request.form.get("name", ""))
    problems = {}
    if not is_address(email):
        problems["email"] = "Please enter one e-mail address, such as ada@example.org."
    if name and (problem := names.problem(name)):
        problems["name"] = problem
    if problems:
        return make_response(people_page(access, problems), 422)
    role = _role()
    with service().database.writing() as session:
        link = _link(session, access, email, name, role)
    return _show(access, [link])


@blueprint.post("/courses/<course>/people/links")
def invite_waiting(course: str) -> Response:
    """Make a link for every member who has never signed in; show them, or send them as a CSV file."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        links = [
            _link(session, access, enrolment.user.email, enrolment.user.name, enrolment.role)
            for enrolment in members.members(session, access.course.id)
            if enrolment.ended_at is None
            and may_be_claimed(session, enrolment.user, access.course.id, access.user.id)
        ]
    if request.form.get("as") != "csv":
        return _show(access, links)
    response = make_response(links_csv(links))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="links-{access.course.slug}.csv"'
    return response


@blueprint.post("/courses/<course>/people/invitations/<int:invitation_id>/withdraw")
def withdraw_invitation(course: str, invitation_id: int) -> Response:
    """Make a link worthless that nobody has used."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        withdrawn = session.scalar(
            sa.delete(Invitation)
            .where(
                Invitation.id == invitation_id,
                Invitation.course_id == access.course.id,
                Invitation.used_at.is_(None),
            )
            .returning(Invitation.email)
        )
    if withdrawn is None:
        raise NotFound
    flash(f"The link for {withdrawn} does not work any more.", "good")
    return redirect(url_for("accounts.people", course=course), code=303)


@blueprint.post("/courses/<course>/people/<int:enrolment_id>/role")
def change_role(course: str, enrolment_id: int) -> Response:
    """Give a member another role."""
    role = _role()
    return _change(
        course, enrolment_id, lambda session, found, actor: members.change_role(session, found, role, actor)
    )


@blueprint.post("/courses/<course>/people/<int:enrolment_id>/end")
def end_membership(course: str, enrolment_id: int) -> Response:
    """End a membership, keeping all work."""
    return _change(
        course,
        enrolment_id,
        lambda session, found, actor: members.end_membership(session, found, actor, now()),
    )


@blueprint.post("/courses/<course>/people/<int:enrolment_id>/restore")
def restore_membership(course: str, enrolment_id: int) -> Response:
    """Take up a membership that had ended."""
    return _change(course, enrolment_id, members.restore_membership)


def _change(course: str, enrolment_id: int, act: Callable[[Session, Enrolment, int], str]) -> Response:
    """Do this to the member, or say why it can't be done."""
    access = require_course(course, Role.INSTRUCTOR)
    with service().database.writing() as session:
        found = members.numbered_membership(session, access.course.id, enrolment_id)
        if found is None:
            raise NotFound
        refusal = act(session, found, access.user.id)
    flash(refusal or "Saved.", "error" if refusal else "good")
    return redirect(url_for("accounts.member", course=course, enrolment_id=enrolment_id), code=303)


def _role() -> Role:
    try:
        return Role(request.form.get("role", Role.STUDENT))
    except ValueError:
        raise BadRequest from None


def _link(session: Session, access: CourseAccess, email: str, name: str, role: Role) -> Link:
    token = invite(session, access.course.id, email, name, role, access.user.id, now())
    path = url_for("accounts.invitation", token=token)
    return Link(email, name, role, service().settings.public_url + path)


def _show(access: CourseAccess, links: list[Link]) -> Response:
    page = render_template(
        "accounts/links.html",
        course=access.course,
        links=links,
        days=LIFETIME.days,
        role_words=ROLE_WORDS,
    )
    return make_response(page, 201)
