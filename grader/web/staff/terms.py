"""A unit's terms: who was granted what, what lateness costs, and whether students see their grades."""

from __future__ import annotations

import math
from collections.abc import Callable

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from grader.db.models import Allowance, Enrolment, Role, User
from grader.grades import allowances, releasing
from grader.grades.lateness import LatePolicy
from grader.grades.loading import policy_of
from grader.grades.sentences import policy_words
from grader.web.access import UnitAccess, require_unit
from grader.web.service import reading, service
from grader.web.staff import blueprint
from grader.web.staff.filling_in import Filled, read_grant, read_number, refused_grant

_TERMS = "/courses/<course>/<unit>/terms"


@blueprint.get(_TERMS, endpoint="terms")
def show_terms(course: str, unit: str) -> str:
    """Show the unit's terms; instructors change them."""
    return _page(require_unit(course, unit, Role.TA))


@blueprint.post(f"{_TERMS}/policy")
def change_policy(course: str, unit: str) -> Response | tuple[str, int]:
    """Set what lateness costs."""
    access = require_unit(course, unit, Role.INSTRUCTOR)
    per_day, cap, minutes = (read_number(request.form.get(name, "")) for name in _POLICY_FIELDS)
    grace_s = round(minutes * 60) if math.isfinite(minutes) else -1
    policy = LatePolicy(per_day, cap, grace_s)
    if problems := releasing.policy_problems(policy):
        return _page(access, Filled("policy", request.form, problems)), 422
    return _do(access, "policy", releasing.change_policy, policy)


@blueprint.post(f"{_TERMS}/withhold")
def withhold_grades(course: str, unit: str) -> Response:
    """Hide all scores and reports from students."""
    return _do(require_unit(course, unit, Role.INSTRUCTOR), "withhold", releasing.withhold)


@blueprint.post(f"{_TERMS}/release")
def release_grades(course: str, unit: str) -> Response:
    """Show them, and tell students."""
    return _do(require_unit(course, unit, Role.INSTRUCTOR), "release", releasing.release)


@blueprint.post(f"{_TERMS}/allow")
def allow_many(course: str, unit: str) -> Response | tuple[str, int]:
    """Grant a section, or one student by address, more time or attempts."""
    access = require_unit(course, unit, Role.INSTRUCTOR)
    section, email = (request.form.get(name, "").strip() for name in ("section", "email"))
    user_id = _student_called(access, email) if email else None
    grant, problems = read_grant(access.unit, request.form, user_id, section or None)
    if bool(section) is bool(email):
        problems["section"] = "Choose a section, or enter one student’s address."
    elif section and section not in allowances.sections(reading(), access.course.id):
        problems["section"] = "Choose one of the sections."
    elif email and user_id is None:
        problems["email"] = "Nobody in the course has this address."
    elif user_id == access.user.id:
        problems["email"] = "Nobody grants themselves anything."
    if problems:
        return _page(access, refused_grant(request.form, problems)), 422
    return _do(access, "allow", allowances.allow, grant)


@blueprint.post(f"{_TERMS}/allowances/<int:allowance_id>/withdraw")
def withdraw_allowance(course: str, unit: str, allowance_id: int) -> Response:
    """Take back what was granted."""
    access = require_unit(course, unit, Role.INSTRUCTOR)
    granted = reading().get(Allowance, allowance_id)
    if granted is None or granted.course_unit_id != access.unit.id:
        raise NotFound
    with service().database.writing() as session:
        actor = session.get_one(User, access.user.id)
        allowances.withdraw(session, allowance_id, actor, request.remote_addr)
    return _back(access, _SAID["withdraw"])


_POLICY_FIELDS = ("percent_per_day", "percent_cap", "grace_s")
_SAID = {
    "policy": "Saved. Every grade of the unit follows the new policy at once.",
    "withhold": "Withheld: students see that they handed in, and no score or report.",
    "release": "Released: students see their grades now, and that you released them.",
    "allow": "Granted. Whom it concerns sees it, with your reason.",
    "withdraw": "Taken back: the unit’s terms hold again.",
}


def _page(access: UnitAccess, filled: Filled | None = None) -> str:
    session, unit = reading(), access.unit
    return render_template(
        "staff/terms.html",
        course=access.course,
        unit=unit,
        access=access,
        allowances=allowances.of_unit(session, unit.id),
        sections=allowances.sections(session, access.course.id),
        policy=policy_of(unit),
        policy_words=policy_words(unit.late_percent_per_day, unit.late_percent_cap, unit.late_grace_s),
        released_at=releasing.released_at(session, unit),
        filled=filled or Filled(),
    )


def _student_called(access: UnitAccess, email: str) -> int | None:
    """Return the member of the course with this address."""
    return reading().scalar(
        sa.select(User.id)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(
            User.email == email.lower(),
            Enrolment.course_id == access.course.id,
            Enrolment.ended_at.is_(None),
        )
    )


def _do(access: UnitAccess, what: str, act: Callable[..., object], *arguments: object) -> Response:
    """Do it to the unit, and go back to its terms."""
    with service().database.writing() as session:
        actor = session.get_one(User, access.user.id)
        act(session, access.unit.id, *arguments, actor, request.remote_addr)
    return _back(access, _SAID[what])


def _back(access: UnitAccess, said: str) -> Response:
    flash(said, "good")
    return redirect(url_for("staff.terms", course=access.course.slug, unit=access.unit.slug), code=303)
