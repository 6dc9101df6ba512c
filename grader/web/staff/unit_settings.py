"""A unit's settings in its course: title, dates, attempts, what counts, who sees it."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grader.courses import changing
from grader.courses.consequences import consequences
from grader.courses.offered import name_of
from grader.courses.unit_terms import DATES, read_terms, terms_of
from grader.db.base import now
from grader.db.models import Counting, CourseUnit, Role, UnitVersion
from grader.web.access import UnitAccess, require_unit
from grader.web.local_moments import as_typed, field_value, read_moment
from grader.web.service import reading, service
from grader.web.staff import blueprint

COUNTING_WORDS = {Counting.BEST: "the best attempt", Counting.LATEST: "the latest attempt"}


@blueprint.get("/courses/<course>/<unit>/settings")
def unit_settings(course: str, unit: str) -> str:
    """Show the settings."""
    access = require_unit(course, unit, at_least=Role.INSTRUCTOR)
    terms = terms_of(access.unit)
    dates = {field: field_value(getattr(terms, field)) for field in DATES}
    return _page(access, {**vars(terms), **dates})


@blueprint.post("/courses/<course>/<unit>/settings")
def change_unit(course: str, unit: str) -> Response:
    """Change them; what would hurt students who have worked already is done only if that is confirmed."""
    access = require_unit(course, unit, at_least=Role.INSTRUCTOR)
    wanted, problems = read_terms(request.form, access.unit, read_moment)
    if wanted is None:
        return make_response(_page(access, _typed(), problems=problems), 422)
    warnings = consequences(reading(), access.unit, wanted, now())
    if warnings and request.form.get("confirmed") != _confirmation(warnings):
        return make_response(_page(access, _typed(), warnings=warnings), 422)
    with service().database.writing() as session:
        found = session.get_one(CourseUnit, access.unit.id, with_for_update={"key_share": True})
        changed = changing.change_unit(session, found, wanted, access.user)
    flash("Saved." if changed else "Nothing was changed.", "good")
    return redirect(url_for("staff.unit_settings", course=course, unit=unit), code=303)


def _confirmation(warnings: list[str]) -> str:
    """Return what the form sends back to say that just these warnings were read."""
    return hashlib.sha256("\n".join(warnings).encode()).hexdigest()[:16]


def _typed() -> dict[str, Any]:
    """Return what was typed, as the fields are filled in."""
    form = request.form
    choices = {name: name in form for name in ("is_published", "checks_similarity")}
    return {**as_typed(form, DATES), **choices}


def _page(
    access: UnitAccess,
    values: dict[str, Any],
    problems: dict[str, str] | None = None,
    warnings: list[str] | None = None,
) -> str:
    warnings = warnings or []
    pinned = access.unit.pinned_version_id
    return render_template(
        "staff/unit_settings.html",
        course=access.course,
        unit=access.unit,
        access=access,
        values=values,
        problems=problems or {},
        warnings=warnings,
        confirmation=_confirmation(warnings),
        counting_words=COUNTING_WORDS,
        version=None if pinned is None else name_of(reading().get_one(UnitVersion, pinned)),
    )
