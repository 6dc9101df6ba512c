"""Adding a unit to a course: which tests, under which title and address."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grader.accounts import names
from grader.courses import changing, slugs
from grader.courses.offered import Offer, offers
from grader.courses.unit_terms import title_problem
from grader.db.models import Course, Role
from grader.web.access import CourseAccess, require_course
from grader.web.service import reading, service
from grader.web.staff import blueprint


@blueprint.get("/courses/<course>/settings/units/new")
def new_unit(course: str) -> str:
    """Show what a unit can be made from."""
    return _page(require_course(course, Role.INSTRUCTOR), {}, {})


@blueprint.post("/courses/<course>/settings/units/new")
def add_unit(course: str) -> Response:
    """Add the unit, which students don't see yet."""
    access = require_course(course, Role.INSTRUCTOR)
    found, _ = offers(reading(), service().settings.units_root)
    offer = next((each for each in found if each.key == request.form.get("tests")), None)
    if offer is None:
        return make_response(_page(access, request.form, {"tests": "Please choose the tests."}), 422)
    title = names.normal(request.form.get("title", "")) or offer.title
    slug = request.form.get("slug", "").strip() or offer.unit.replace("_", "-")
    problems = _problems(title, slug)
    if not problems:
        with service().database.writing() as session:
            in_course = session.get_one(Course, access.course.id)
            unit = changing.add_unit(session, in_course, offer, slug, title, access.user)
        if unit is not None:
            flash("The unit is there. Students see it once you publish it.", "good")
            return redirect(url_for("staff.unit_settings", course=course, unit=slug), code=303)
        problems = {"slug": f"This course has a unit “{slug}” already. Please choose another short name."}
    return make_response(_page(access, {**request.form, "slug": slug}, problems), 422)


def _problems(title: str, slug: str) -> dict[str, str]:
    found = {"title": title_problem(title), "slug": slugs.problem(slug, slugs.RESERVED_FOR_UNITS)}
    return {field: text for field, text in found.items() if text}


def _page(access: CourseAccess, values: dict[str, str], problems: dict[str, str]) -> str:
    found, broken = offers(reading(), service().settings.units_root)
    return render_template(
        "staff/new_unit.html",
        course=access.course,
        access=access,
        offers=[(offer.key, _shown(offer)) for offer in found],
        broken=broken,
        values=values,
        problems=problems,
    )


def _shown(offer: Offer) -> str:
    where = "the tests on disk" if offer.version_id is None else f"version {offer.version}"
    return f"{offer.title} ({offer.unit}), {where}"
