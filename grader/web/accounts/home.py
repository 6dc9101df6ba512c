"""The front page: the courses of whoever is signed in."""

from __future__ import annotations

import sqlalchemy as sa
from flask import render_template

from grader.db.models import Course, Enrolment, Role, User
from grader.web.access import require_user
from grader.web.accounts import blueprint
from grader.web.accounts.people import ROLE_WORDS
from grader.web.service import reading


@blueprint.get("/")
def home() -> str:
    """Show one's courses; to an admin, all of them."""
    user = require_user()
    return render_template("accounts/home.html", courses=_courses_of(user), role_words=ROLE_WORDS)


def _courses_of(user: User) -> list[tuple[Course, Role | None]]:
    """Return the person's courses with their role there, newest first."""
    membership = sa.and_(
        Enrolment.course_id == Course.id, Enrolment.user_id == user.id, Enrolment.ended_at.is_(None)
    )
    query = (
        sa.select(Course, Enrolment.role)
        .join(Enrolment, membership, isouter=user.is_admin)
        .order_by(Course.created_at.desc(), Course.id.desc())
    )
    return [(course, role) for course, role in reading().execute(query)]
