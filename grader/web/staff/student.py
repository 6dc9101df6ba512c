"""One student in one unit: what they handed in, how the grade comes about, and what staff decide about it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import BadRequest, Forbidden, NotFound
from werkzeug.wrappers import Response

from grader.db.models import DecisionKind, Enrolment, Role, User
from grader.grades import allowances, decisions, reasons
from grader.grades.decisions import Verdict
from grader.grades.trail import concerning
from grader.marking.points import rubric_points_of
from grader.results.history import history_of
from grader.results.visibility import Audience
from grader.web.access import UnitAccess, require_unit
from grader.web.service import reading, service
from grader.web.staff import blueprint
from grader.web.staff.filling_in import Filled, read_grant, read_number, refused_grant
from grader.web.staff.versions import is_row_id

_STUDENT = "/courses/<course>/<unit>/students/<int:user_id>"


@dataclass(frozen=True)
class StudentAccess(UnitAccess):
    """A member of staff before one student of the course, who may have left it."""

    enrolment: Enrolment

    @property
    def student(self) -> User:
        """The student."""
        return self.enrolment.user


@blueprint.get(_STUDENT, endpoint="student")
def show_student(course: str, unit: str, user_id: int) -> str:
    """Show everything about one student in one unit, with the forms to decide."""
    return _page(_require_student(course, unit, user_id))


@blueprint.post(f"{_STUDENT}/decide")
def decide_grade(course: str, unit: str, user_id: int) -> Response | tuple[str, int]:
    """Set a score, excuse, or choose the submission that counts."""
    access = _require_other(course, unit, user_id)
    verdict = _verdict()
    history = history_of(reading(), access.unit, user_id, Audience.STAFF)
    problems = decisions.problems(reading(), access.unit, user_id, verdict, history.max_score)
    if problems:
        return _page(access, Filled(verdict.kind.value, request.form, problems)), 422
    with service().database.writing() as session:
        actor = session.get_one(User, access.user.id)
        decisions.decide(session, access.unit.id, user_id, verdict, actor, request.remote_addr)
    return _back(access, f"Decided. {access.student.name} sees it, with your reason.")


@blueprint.post(f"{_STUDENT}/withdraw")
def withdraw_decision(course: str, unit: str, user_id: int) -> Response:
    """Let the rules of the unit give the grade again."""
    access = _require_other(course, unit, user_id)
    with service().database.writing() as session:
        actor = session.get_one(User, access.user.id)
        was_there = decisions.withdraw(session, access.unit.id, user_id, actor, request.remote_addr)
    return _back(access, "Withdrawn: the unit’s rules give the grade again." if was_there else "")


@blueprint.post(f"{_STUDENT}/allow")
def allow_student(course: str, unit: str, user_id: int) -> Response | tuple[str, int]:
    """Grant the student more time or attempts."""
    access = _require_other(course, unit, user_id)
    grant, problems = read_grant(access.unit, request.form, user_id=user_id)
    if problems:
        return _page(access, refused_grant(request.form, problems)), 422
    with service().database.writing() as session:
        actor = session.get_one(User, access.user.id)
        allowances.allow(session, access.unit.id, grant, actor, request.remote_addr)
    return _back(access, f"Granted. {access.student.name} sees it, with your reason.")


@blueprint.post(f"{_STUDENT}/allowances/<int:allowance_id>/withdraw")
def withdraw_from_student(course: str, unit: str, user_id: int, allowance_id: int) -> Response:
    """Take back what this student was granted; what a section was granted is on the unit's terms."""
    access = _require_other(course, unit, user_id)
    granted = allowances.of_student(reading(), access.unit.id, access.enrolment)
    if not any(each.id == allowance_id and each.user_id == user_id for each in granted):
        return _back(access, "")  # it was taken back before
    with service().database.writing() as session:
        actor = session.get_one(User, access.user.id)
        allowances.withdraw(session, allowance_id, actor, request.remote_addr)
    return _back(access, "Taken back: the unit’s terms hold again.")


def _require_student(course: str, unit: str, user_id: int) -> StudentAccess:
    """Return the asker's place before the student; NotFound for one who never was in the course."""
    access = require_unit(course, unit, Role.TA)
    enrolment = reading().scalar(
        sa.select(Enrolment)
        .where(Enrolment.course_id == access.course.id, Enrolment.user_id == user_id)
        .options(joinedload(Enrolment.user))
    )
    if enrolment is None:
        raise NotFound
    return StudentAccess(access.user, access.course, access.role, access.rank, access.unit, enrolment)


def _require_other(course: str, unit: str, user_id: int) -> StudentAccess:
    """Return the same for one who decides; Forbidden about oneself."""
    access = _require_student(course, unit, user_id)
    if access.user.id == user_id:
        raise Forbidden
    return access


def _page(access: StudentAccess, filled: Filled | None = None) -> str:
    session, unit, student = reading(), access.unit, access.student
    return render_template(
        "staff/student.html",
        course=access.course,
        unit=unit,
        access=access,
        student=student,
        enrolment=access.enrolment,
        history=history_of(session, unit, student.id, Audience.STAFF),
        allowances=allowances.of_student(session, unit.id, access.enrolment),
        decided=concerning(session, unit, student.id, for_student=False),
        filled=filled or Filled(),
        may_decide=access.user.id != student.id,
        by_people=rubric_points_of(session, unit.id, student.id),
    )


def _verdict() -> Verdict:
    """Return what the form says; BadRequest for what no browser sends."""
    form = request.form
    chosen = form.get("submission_id", "")
    try:
        kind = DecisionKind(form.get("kind", ""))
    except ValueError:
        raise BadRequest from None
    return Verdict(
        kind,
        reasons.normal(form.get("reason", "")),
        score=read_number(form.get("score", "")),
        submission_id=int(chosen) if is_row_id(chosen) else None,
    )


def _back(access: StudentAccess, said: str) -> Response:
    if said:
        flash(said, "good")
    course, unit, student = access.course.slug, access.unit.slug, access.student
    return redirect(url_for("staff.student", course=course, unit=unit, user_id=student.id), code=303)
