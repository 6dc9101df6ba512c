"""Who is in a course, for its staff; and one member, with what instructors can change."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.exceptions import NotFound

from grader.accounts import members
from grader.accounts.belonging import is_claimed
from grader.accounts.correcting import may_be_corrected
from grader.accounts.invitations import may_be_claimed, open_invitations
from grader.accounts.password_links import may_be_helped
from grader.db.base import now
from grader.db.models import Enrolment, Role
from grader.web.access import CourseAccess, require_course
from grader.web.accounts import blueprint
from grader.web.service import reading

ROLE_WORDS = {Role.STUDENT: "student", Role.TA: "TA", Role.INSTRUCTOR: "instructor"}


@blueprint.get("/courses/<course>/people")
def people(course: str) -> str:
    """Show everyone in the course, or those whom `q` finds."""
    return people_page(require_course(course, Role.TA))


@blueprint.get("/courses/<course>/people/<int:enrolment_id>")
def member(course: str, enrolment_id: int) -> str:
    """Show one member of the course."""
    return member_page(require_course(course, Role.TA), enrolment_id)


def member_page(
    access: CourseAccess,
    enrolment_id: int,
    values: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> str:
    """Return the member's page; `values` and `problems` are those of the form that corrects the account."""
    found = reading().get(Enrolment, enrolment_id)
    if found is None or found.course_id != access.course.id:
        raise NotFound
    return render_template(
        "accounts/member.html",
        course=access.course,
        access=access,
        member=found,
        is_claimed=is_claimed(found.user),
        may_be_claimed=may_be_claimed(reading(), found.user, access.course.id, access.user.id),
        may_be_helped=may_be_helped(reading(), found.user, access.user, access.course.id),
        may_be_corrected=may_be_corrected(reading(), found.user, access.user, access.course.id),
        values=values or {"name": found.user.name, "email": found.user.email},
        problems=problems or {},
        role_words=ROLE_WORDS,
    )


def people_page(access: CourseAccess, problems: dict[str, str] | None = None) -> str:
    """Return the list of members with the forms that add to it, and the `problems` of an invitation."""
    everyone = members.members(reading(), access.course.id)
    wanted = request.args.get("q", "").strip()
    present = [enrolment for enrolment in everyone if enrolment.ended_at is None]
    return render_template(
        "accounts/people.html",
        course=access.course,
        access=access,
        members=[enrolment for enrolment in everyone if _matches(enrolment, wanted)],
        wanted=wanted,
        counts={role: sum(enrolment.role is role for enrolment in present) for role in Role},
        waiting=sum(not is_claimed(enrolment.user) for enrolment in present),
        is_claimed=is_claimed,
        invitations=open_invitations(reading(), access.course.id, now()),
        role_words=ROLE_WORDS,
        problems=problems or {},
    )


def _matches(enrolment: Enrolment, wanted: str) -> bool:
    user = enrolment.user
    facts = (user.name, user.email, enrolment.student_number, enrolment.section, ROLE_WORDS[enrolment.role])
    return wanted.casefold() in "\n".join(fact or "" for fact in facts).casefold()
