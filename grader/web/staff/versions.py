"""The tests of a unit: the versions there are, storing and uploading one, and pinning one for the course."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, Forbidden, NotFound
from werkzeug.wrappers import Response as AnyResponse

from grader.db.models import CourseUnit, Role, UnitVersion
from grader.errors import RefusedError, RejectedError, UnitError
from grader.grades import audit
from grader.versions.listing import versions_of
from grader.versions.materialising import short
from grader.versions.storing import pin, store_upload, store_version
from grader.web.access import UnitAccess, require_unit
from grader.web.pages.attachment import attachment
from grader.web.service import reading, service
from grader.web.staff import blueprint

PATH = "/courses/<course>/<unit>/tests"
MAX_LABEL_CHARS = 80


@blueprint.get(PATH, endpoint="tests")
def show_tests(course: str, unit: str) -> str:
    """Show which tests the unit is graded by, and all its versions."""
    return _page(require_unit(course, unit, Role.TA))


@blueprint.post(f"{PATH}/store", endpoint="store_tests")
def store_tests(course: str, unit: str) -> AnyResponse | tuple[str, int]:
    """Store the version that is on disk."""
    access = require_unit(course, unit, Role.TA)
    try:
        with service().database.writing() as session:
            units_root = service().settings.units_root
            version = store_version(session, units_root, access.unit.unit, _label(), access.user)
            _record(session, access, "version.store", version)
    except (UnitError, RejectedError) as error:
        return _page(access, _reasons(error)), 422
    flash("The tests on disk are stored.", "good")
    return _back(access)


@blueprint.post(f"{PATH}/upload", endpoint="upload_tests")
def upload_tests(course: str, unit: str) -> AnyResponse | tuple[str, int]:
    """Store an uploaded version; for admins, since tests run with the grader's own rights."""
    access = require_unit(course, unit, Role.INSTRUCTOR)
    if not access.user.is_admin:
        raise Forbidden
    file = request.files.get("archive")
    if file is None or not file.filename:
        return _page(access, ("No file was chosen.",)), 422
    try:
        with service().database.writing() as session:
            version = store_upload(session, file.read(), access.unit.unit, _label(), access.user)
            _record(session, access, "version.upload", version)
    except (UnitError, RejectedError, RefusedError) as error:
        return _page(access, _reasons(error)), 422
    flash("The version is stored. It grades nothing until it is pinned or a regrade runs by it.", "good")
    return _back(access)


@blueprint.post(f"{PATH}/pin", endpoint="pin_tests")
def pin_tests(course: str, unit: str) -> AnyResponse:
    """Let the unit be graded by a stored version from now on, or by the files on disk; for instructors."""
    access = require_unit(course, unit, Role.INSTRUCTOR)
    chosen = request.form.get("version", "")
    try:
        with service().database.writing() as session:
            version = _version(session, access, int(chosen)) if is_row_id(chosen) else None
            if version is None and chosen:
                raise BadRequest
            course_unit = session.get_one(CourseUnit, access.unit.id)
            pin(session, course_unit, version, access.user, request.remote_addr)
    except RefusedError as error:
        flash(str(error), "error")
    else:
        flash("Hand-ins are graded by these tests from now on. What is graded stays as it is.", "good")
    return _back(access)


@blueprint.get(f"{PATH}/versions/<int:version_id>.zip", endpoint="tests_archive")
def send_version(course: str, unit: str, version_id: int) -> Response:
    """Send a stored version as a zip."""
    access = require_unit(course, unit, Role.TA)
    version = _version(reading(), access, version_id)
    if version is None or version.content is None:
        raise NotFound
    name = f"{version.unit}-{short(version.digest)}.zip"
    return attachment(version.content, name, "application/zip")


def _page(access: UnitAccess, problems: tuple[str, ...] = ()) -> str:
    return render_template(
        "staff/tests.html",
        course=access.course,
        unit=access.unit,
        access=access,
        listed=versions_of(reading(), access.unit, service().settings.units_root),
        may_upload=access.is_instructor and access.user.is_admin,
        problems=problems,
    )


def _version(session: Session, access: UnitAccess, version_id: int) -> UnitVersion | None:
    found = session.get(UnitVersion, version_id)
    return found if found is not None and found.unit == access.unit.unit else None


def is_row_id(text: str) -> bool:
    """Whether a form's field can be the id of a row."""
    return text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0


def _record(session: Session, access: UnitAccess, action: str, version: UnitVersion) -> None:
    audit.record(
        session,
        action,
        actor=access.user,
        course_id=access.course.id,
        subject=f"unit {access.unit.slug}",
        details={"version": short(version.digest), "label": version.label},
        address=request.remote_addr,
    )


def _label() -> str | None:
    return request.form.get("label", "").strip()[:MAX_LABEL_CHARS] or None


def _reasons(error: Exception) -> tuple[str, ...]:
    if isinstance(error, RejectedError):
        return tuple(f"{each.path}: {each.text}" if each.path else each.text for each in error.rejections)
    return tuple(str(error).splitlines())


def _back(access: UnitAccess) -> AnyResponse:
    address = url_for("staff.tests", course=access.course.slug, unit=access.unit.slug)
    return redirect(address, code=303)
