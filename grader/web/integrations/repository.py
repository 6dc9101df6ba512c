"""A student's repository elsewhere, whose pushes are handed in: set up, followed, undone."""

from __future__ import annotations

import sqlalchemy as sa
from flask import flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session, joinedload
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response

from grader.db.models import CommitStatus, Push, RepositoryLink
from grader.errors import UsageError
from grader.pushes import links
from grader.pushes.hosts import HOSTS
from grader.sealing import sealer_of
from grader.web.access import UnitAccess, require_unit
from grader.web.integrations import blueprint
from grader.web.service import service

ROWS = 20


@blueprint.get("/courses/<course>/<unit>/repository")
def repository(course: str, unit: str) -> str:
    """Show one's linked repository and its pushes, or the form that links one."""
    return _page(_member(course, unit))


@blueprint.post("/courses/<course>/<unit>/repository")
def link_repository(course: str, unit: str) -> Response:
    """Link a repository and show its secret, this once."""
    access = _member(course, unit)
    try:
        kind, url = links.read_repository(request.form.get("url", ""), service().settings.repository_hosts)
    except UsageError as error:
        return make_response(_page(access, problems={"url": str(error)}), 422)
    with service().database.writing() as session:
        secret = links.link_repository(
            session, sealer_of(service().settings), access.unit.id, access.user.id, kind, url
        )
    return make_response(_page(access, secret), 201)


@blueprint.post("/courses/<course>/<unit>/repository/secret")
def renew_repository_secret(course: str, unit: str) -> Response:
    """Make a new secret and show it, this once."""
    access = _member(course, unit)
    with service().database.writing() as session:
        secret = links.renew_secret(session, sealer_of(service().settings), _own_link(session, access))
    return make_response(_page(access, secret), 201)


@blueprint.post("/courses/<course>/<unit>/repository/token")
def set_repository_token(course: str, unit: str) -> Response:
    """Keep a token of the host, or forget it."""
    access = _member(course, unit)
    token, reports = request.form.get("token", "").strip(), "reports" in request.form
    try:
        with service().database.writing() as session:
            link = _own_link(session, access)
            links.set_token(session, sealer_of(service().settings), link, token, reports_status=reports)
    except UsageError as error:
        return make_response(_page(access, problems={"token": str(error)}), 422)
    flash("The token is kept." if token else "The token is forgotten.", "good")
    return redirect(url_for("integrations.repository", course=course, unit=unit), code=303)


@blueprint.post("/courses/<course>/<unit>/repository/remove")
def unlink_repository(course: str, unit: str) -> Response:
    """Forget the link; what was handed in stays."""
    access = _member(course, unit)
    with service().database.writing() as session:
        links.remove_link(session, _own_link(session, access))
    flash("The repository is not linked any more. What was handed in stays.", "good")
    return redirect(url_for("integrations.repository", course=course, unit=unit), code=303)


def _member(course: str, unit: str) -> UnitAccess:
    """Return the asker's place at the unit; Forbidden for who can hand in nothing, being no member."""
    access = require_unit(course, unit)
    if access.role is None:
        raise Forbidden
    return access


def _own_link(session: Session, access: UnitAccess) -> RepositoryLink:
    link = links.find_link(session, access.unit.id, access.user.id)
    if link is None:
        raise NotFound
    return link


def _page(access: UnitAccess, secret: str | None = None, problems: dict[str, str] | None = None) -> str:
    settings = service().settings
    with service().database.reading() as session:  # a fresh look: the link may just have been made
        link = session.scalar(
            sa.select(RepositoryLink).where(
                RepositoryLink.course_unit_id == access.unit.id, RepositoryLink.user_id == access.user.id
            )
        )
        rows = [] if link is None else session.execute(_pushes(link)).all()
    return render_template(
        "integrations/repository.html",
        course=access.course,
        unit=access.unit,
        link=link,
        host=None if link is None else HOSTS[link.kind],
        hosts=[origin for _, origin in settings.repository_hosts],
        address=link and settings.public_url + url_for("hooks.take_push", hook=link.public_id),
        pushes=rows,
        secret=secret,
        problems=problems or {},
    )


def _pushes(link: RepositoryLink) -> sa.Select[Push, CommitStatus]:
    return (
        sa.select(Push, CommitStatus)
        .join(CommitStatus, CommitStatus.push_id == Push.id, isouter=True)
        .where(Push.link_id == link.id)
        .order_by(Push.id.desc())
        .limit(ROWS)
        .options(joinedload(Push.submission))
    )
