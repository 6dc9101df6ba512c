"""A course's settings, for its instructors: what it still lacks, its title, its units and their order."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from grader.accounts import names
from grader.courses import changing
from grader.courses.first_steps import Step, steps_done
from grader.courses.offered import name_of
from grader.courses.unit_terms import title_problem
from grader.db.models import Course, CourseUnit, Role, UnitVersion
from grader.web.access import CourseAccess, require_course
from grader.web.service import reading, service
from grader.web.staff import blueprint

MOVES = {"up": -1, "down": 1}
WORDS = {
    Step.UNIT: ("Add a unit", "what students hand in, and the tests that grade it"),
    Step.GATE: ("Prove its tests", "the gate grades samples whose verdict is known"),
    Step.DEADLINE: ("Set the deadline", "and how many attempts there are"),
    Step.STAFF: ("Invite the other staff", "TAs and further instructors"),
    Step.STUDENTS: ("Bring in the students", "by a list, or one by one"),
    Step.PUBLISH: ("Publish the unit", "students see it from then on"),
}


@dataclass(frozen=True)
class ShownStep:
    """A step of a new course; `url` is where it is taken, None while something else comes first."""

    title: str
    about: str
    is_done: bool
    url: str | None


@blueprint.get("/courses/<course>/settings")
def course_settings(course: str) -> str:
    """Show the settings."""
    access = require_course(course, Role.INSTRUCTOR)
    return _page(access, access.course.title, access.course.supersedes_queued, {})


@blueprint.post("/courses/<course>/settings")
def change_course(course: str) -> Response:
    """Change what is about the whole course."""
    access = require_course(course, Role.INSTRUCTOR)
    title = names.normal(request.form.get("title", ""))
    supersedes_queued = "supersedes_queued" in request.form
    if problem := title_problem(title):
        return make_response(_page(access, title, supersedes_queued, {"title": problem}), 422)
    wanted = {"title": title, "supersedes_queued": supersedes_queued}
    with service().database.writing() as session:
        changed = changing.change_course(
            session, session.get_one(Course, access.course.id), wanted, access.user
        )
    flash("Saved." if changed else "Nothing was changed.", "good")
    return redirect(url_for("staff.course_settings", course=course), code=303)


@blueprint.post("/courses/<course>/settings/order")
def move_unit(course: str) -> Response:
    """Move a unit of the course one place up or down."""
    access = require_course(course, Role.INSTRUCTOR)
    steps = MOVES.get(request.form.get("to", ""))
    if steps is None:
        raise BadRequest
    with service().database.writing() as session:
        unit = session.scalar(
            sa.select(CourseUnit).where(
                CourseUnit.course_id == access.course.id, CourseUnit.slug == request.form.get("unit")
            )
        )
        if unit is None:
            raise NotFound
        changing.move_unit(session, unit, steps, access.user)
    return redirect(url_for("staff.course_settings", course=course, _anchor="units"), code=303)


def first_steps(course: Course, units: list[CourseUnit]) -> list[ShownStep]:
    """Return the steps of the course in their order, or none once all are taken."""
    done = steps_done(reading(), course.id, units)
    if all(done.values()):
        return []
    urls = _places(course, units)
    return [ShownStep(*WORDS[step], is_done, urls.get(step)) for step, is_done in done.items()]


def _places(course: Course, units: list[CourseUnit]) -> dict[Step, str]:
    """Return where each step is taken; those of a unit are taken at the first that needs it."""
    people = url_for("accounts.people", course=course.slug)
    found = {
        Step.UNIT: url_for("staff.new_unit", course=course.slug),
        Step.STAFF: people,
        Step.STUDENTS: people,
    }
    if units:
        undated = next((unit for unit in units if unit.deadline_at is None), units[0])
        hidden = next((unit for unit in units if not unit.is_published), units[0])
        found |= {
            Step.GATE: url_for("staff.tests", course=course.slug, unit=units[0].slug),
            Step.DEADLINE: url_for("staff.unit_settings", course=course.slug, unit=undated.slug),
            Step.PUBLISH: url_for("staff.unit_settings", course=course.slug, unit=hidden.slug),
        }
    return found


def _page(access: CourseAccess, title: str, supersedes_queued: bool, problems: dict[str, str]) -> str:
    rows = reading().execute(
        sa.select(CourseUnit, UnitVersion)
        .outerjoin(UnitVersion, CourseUnit.pinned_version_id == UnitVersion.id)
        .where(CourseUnit.course_id == access.course.id)
        .order_by(CourseUnit.position, CourseUnit.id)
    )
    units = [(unit, None if version is None else name_of(version)) for unit, version in rows]
    return render_template(
        "staff/course_settings.html",
        course=access.course,
        access=access,
        title=title,
        supersedes_queued=supersedes_queued,
        problems=problems,
        units=units,
        steps=first_steps(access.course, [unit for unit, _ in units]),
    )
