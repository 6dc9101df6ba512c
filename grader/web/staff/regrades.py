"""A unit's regrades: all of them, and the form that starts one."""

from __future__ import annotations

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session, joinedload
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from grader.db.models import CourseUnit, Regrade, RegradeMethod, RegradeScope, Role, UnitVersion
from grader.errors import RefusedError, UnitError
from grader.regrades.choosing import standings
from grader.regrades.controlling import progress
from grader.regrades.starting import start
from grader.versions.listing import Version, versions_of
from grader.versions.storing import store_version
from grader.web.access import UnitAccess, require_unit
from grader.web.service import reading, service
from grader.web.staff import blueprint
from grader.web.staff.versions import is_row_id

ON_DISK = "disk"
SCOPES = (
    (RegradeScope.COUNTING.value, "of each student the submission that counts"),
    (RegradeScope.LATEST.value, "of each student the latest submission"),
    (RegradeScope.ALL.value, "all submissions"),
)
METHODS = (
    (RegradeMethod.RUN.value, "run the tests again"),
    (RegradeMethod.RESCORE.value, "only count the points anew: nothing else has changed"),
)
METHOD_WORDS = {RegradeMethod.RUN: "tests run again", RegradeMethod.RESCORE: "points counted anew"}
SCOPE_WORDS = {
    RegradeScope.COUNTING: "what counts",
    RegradeScope.LATEST: "latest submissions",
    RegradeScope.ALL: "all submissions",
}


@blueprint.get("/courses/<course>/<unit>/regrades", endpoint="regrades")
def show_regrades(course: str, unit: str) -> str:
    """List the unit's regrades, the newest first, with the form to start one."""
    return _page(require_unit(course, unit, Role.TA))


@blueprint.post("/courses/<course>/<unit>/regrades", endpoint="start_regrade")
def start_regrade(course: str, unit: str) -> Response | tuple[str, int]:
    """Start a regrade by the version chosen; by that on disk once it is stored."""
    access = require_unit(course, unit, Role.TA)
    try:
        scope = RegradeScope(request.form.get("scope", ""))
        method = RegradeMethod(request.form.get("method", ""))
    except ValueError as error:
        raise BadRequest from error
    try:
        with service().database.writing() as session:
            regrade = start(
                session,
                service().settings,
                session.get_one(CourseUnit, access.unit.id),
                _version(session, access, request.form.get("version", "")),
                scope,
                method,
                access.user,
                request.form.get("reason", ""),
                request.remote_addr,
            )
    except (RefusedError, UnitError) as error:
        return _page(access, str(error)), 409
    flash("The regrade has begun. Nothing counts until it is promoted.", "good")
    return redirect(url_for("staff.regrade", course=course, unit=unit, regrade=regrade.public_id), code=303)


def _version(session: Session, access: UnitAccess, chosen: str) -> UnitVersion:
    if chosen == ON_DISK:
        return store_version(session, service().settings.units_root, access.unit.unit, created_by=access.user)
    found = session.get(UnitVersion, int(chosen)) if is_row_id(chosen) else None
    if found is None or found.unit != access.unit.unit:
        raise BadRequest
    return found


def _page(access: UnitAccess, problem: str | None = None) -> str:
    session = reading()
    found = session.scalars(
        sa.select(Regrade)
        .where(Regrade.course_unit_id == access.unit.id)
        .options(joinedload(Regrade.unit_version), joinedload(Regrade.requested_by))
        .order_by(Regrade.id.desc())
    ).all()
    listed = versions_of(session, access.unit, service().settings.units_root)
    return render_template(
        "staff/regrades.html",
        course=access.course,
        unit=access.unit,
        access=access,
        regrades=[(each, progress(session, each)) for each in found],
        versions=_choices(listed.versions, listed.on_disk_digest),
        scopes=SCOPES,
        methods=METHODS,
        method_words=METHOD_WORDS,
        scope_words=SCOPE_WORDS,
        has_results=bool(standings(session, access.unit)),
        problem=problem,
        form=request.form,
    )


def _choices(versions: list[Version], on_disk: str | None) -> list[tuple[str, str]]:
    """Return the versions that may grade as (value, text), that on disk first."""
    stored = [(str(each.id), each.name) for each in versions if each.is_stored and each.digest != on_disk]
    current = next((each for each in versions if each.digest == on_disk), None)
    if on_disk is None:
        return stored
    name = "" if current is None else f": {current.name}"
    return [(ON_DISK, f"those on disk now{name}"), *stored]
