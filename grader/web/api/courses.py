"""The courses of the token's owner, and what there is to hand in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grader.db.base import now
from grader.db.models import Course, CourseUnit, Enrolment
from grader.results.history import History, histories_of
from grader.submissions.accept import attempts_used
from grader.submissions.policy import refusal
from grader.web.access import CourseAccess, require_course, require_identity
from grader.web.api import blueprint
from grader.web.api.values import address, finite, moment
from grader.web.pages.audience import audience_of
from grader.web.service import reading


@blueprint.get("/courses")
def list_courses() -> dict[str, Any]:
    """List one's courses, newest first; all of them for an admin who acts as one."""
    identity = require_identity()
    sees_all = identity.user.is_admin and identity.may_act_as_staff
    membership = sa.and_(
        Enrolment.course_id == Course.id,
        Enrolment.user_id == identity.user.id,
        Enrolment.ended_at.is_(None),
    )
    rows = reading().execute(
        sa.select(Course, Enrolment.role)
        .join(Enrolment, membership, isouter=sees_all)
        .order_by(Course.created_at.desc(), Course.id.desc())
    )
    return {
        "items": [
            {
                "slug": course.slug,
                "title": course.title,
                "role": role,
                "url": address("pages.course", course=course.slug),
            }
            for course, role in rows
        ]
    }


@blueprint.get("/courses/<course>/units")
def list_units(course: str) -> dict[str, Any]:
    """List the units of a course with their terms."""
    access = require_course(course)
    units = [unit for unit in access.course.units if unit.is_published or access.is_staff]
    histories = histories_of(reading(), units, access.user.id, audience_of(access))
    return {"items": [_unit(unit, histories[unit.id], access) for unit in units]}


def _unit(unit: CourseUnit, history: History, access: CourseAccess) -> dict[str, Any]:
    terms, used = history.terms, attempts_used(reading(), unit.id, access.user.id)
    return {
        "slug": unit.slug,
        "title": unit.title,
        "opens_at": moment(terms.opens_at),
        "deadline_at": moment(terms.deadline_at),
        "late_until_at": moment(terms.late_until_at),
        "is_open": access.role is not None and refusal(terms, used, now()) is None,
        "max_attempts": terms.max_attempts,
        "attempts_used": used,
        "attempts_left": terms.attempts_left(used),
        "counts": unit.counts,
        "is_withheld": history.is_withheld,
        "grade": _grade(history),
        "url": address("pages.unit", course=access.course.slug, unit=unit.slug),
    }


def _grade(history: History) -> dict[str, Any] | None:
    """Return a Grade of the document; None while it is withheld."""
    grade, counting = history.grade, history.counting
    if grade is None:
        return None
    return {
        "basis": grade.basis,
        "score": finite(grade.score),
        "raw_score": finite(grade.raw_score),
        "submission": None if counting is None else counting.public_id,
        "days_late": grade.days_late,
        "deducted": grade.deducted,
    }
