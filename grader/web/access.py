"""Who may see and do what: the one place that decides, asked by every route.

Whoever is not signed in gets 401 (pages turn it into the way to sign-in). Whoever has no right to know
that something exists gets 404, the same as for what does not exist. Whoever knows that it exists but may
not do this gets 403. Admins may do everything in every course.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import Forbidden, NotFound, Unauthorized

from grader.db.models import Course, CourseUnit, Enrolment, Role, Submission, User
from grader.web.identity import Identity, current_identity
from grader.web.service import reading

RANK = {Role.STUDENT: 1, Role.TA: 2, Role.INSTRUCTOR: 3}
ADMIN_RANK = 4


@dataclass(frozen=True)
class CourseAccess:
    """A person in a course. `role` is None for an admin, or for one who has left; `rank` compares rights."""

    user: User
    course: Course
    role: Role | None
    rank: int

    @property
    def is_staff(self) -> bool:
        """Whether this person sees everybody's work: TA, instructor or admin."""
        return self.rank >= RANK[Role.TA]

    @property
    def is_instructor(self) -> bool:
        """Whether this person decides who is in the course: instructor or admin."""
        return self.rank >= RANK[Role.INSTRUCTOR]


@dataclass(frozen=True)
class UnitAccess(CourseAccess):
    """A person at a unit of a course."""

    unit: CourseUnit


@dataclass(frozen=True)
class SubmissionAccess(UnitAccess):
    """A person at a submission: its owner, or staff of its course."""

    submission: Submission

    @property
    def is_owner(self) -> bool:
        """Whether the submission is this person's own."""
        return self.submission.user_id == self.user.id


@dataclass(frozen=True)
class RepositoryAccess(UnitAccess):
    """A person at someone's repository for a unit: its owner, or staff."""

    owner: User

    @property
    def is_owner(self) -> bool:
        """Whether the repository is this person's own."""
        return self.owner.id == self.user.id


def require_identity() -> Identity:
    """Return who asks; Unauthorized for nobody."""
    identity = current_identity()
    if identity is None:
        raise Unauthorized
    return identity


def require_user() -> User:
    """Return the person who asks; Unauthorized for nobody."""
    return require_identity().user


def require_admin() -> User:
    """Return the person who asks; Forbidden if they are no admin."""
    identity = require_identity()
    if not (identity.user.is_admin and identity.may_act_as_staff):
        raise Forbidden
    return identity.user


def require_course(slug: str, at_least: Role = Role.STUDENT) -> CourseAccess:
    """Return the asker's place in the course; NotFound for non-members, Forbidden below `at_least`."""
    identity = require_identity()
    course = reading().scalar(sa.select(Course).where(Course.slug == slug))
    if course is None:
        raise NotFound
    role, rank = _standing(identity, course.id)
    _demand(rank, at_least)
    return CourseAccess(identity.user, course, role, rank)


def require_unit(course_slug: str, slug: str, at_least: Role = Role.STUDENT) -> UnitAccess:
    """Return the asker's place at the unit; NotFound and Forbidden as for its course.

    A unit that is not published exists for staff only.
    """
    access = require_course(course_slug)
    unit = reading().scalar(
        sa.select(CourseUnit).where(CourseUnit.course_id == access.course.id, CourseUnit.slug == slug)
    )
    if unit is None or not (unit.is_published or access.is_staff):
        raise NotFound
    _demand(access.rank, at_least)
    return UnitAccess(access.user, access.course, access.role, access.rank, unit)


def require_repository(course_slug: str, unit_slug: str, email: str) -> RepositoryAccess:
    """Return the asker's place at a person's repository for the unit: its owner or staff, else NotFound.

    Only members of the course have one.
    """
    access = require_unit(course_slug, unit_slug)
    owner = reading().scalar(
        sa.select(User)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(
            User.email == email.lower(),
            Enrolment.course_id == access.course.id,
            Enrolment.ended_at.is_(None),
        )
    )
    if owner is None or not (access.is_staff or owner.id == access.user.id):
        raise NotFound
    return RepositoryAccess(access.user, access.course, access.role, access.rank, access.unit, owner)


def require_submission(public_id: str, at_least: Role = Role.STUDENT) -> SubmissionAccess:
    """Return the asker's place at the submission: its owner or staff, NotFound for everyone else.

    `at_least` TA or more makes it Forbidden for an owner who is not staff. People who have left
    the course keep what they handed in.
    """
    identity = require_identity()
    submission = reading().scalar(
        sa.select(Submission)
        .where(Submission.public_id == public_id)
        .options(
            joinedload(Submission.course_unit).joinedload(CourseUnit.course), joinedload(Submission.user)
        )
    )
    if submission is None:
        raise NotFound
    unit = submission.course_unit
    role, rank = _standing(identity, unit.course_id)
    is_owner = submission.user_id == identity.user.id
    if not is_owner and rank < RANK[Role.TA]:
        raise NotFound
    _demand(max(rank, RANK[Role.STUDENT]), at_least)
    return SubmissionAccess(identity.user, unit.course, role, rank, unit, submission)


def _standing(identity: Identity, course_id: int) -> tuple[Role | None, int]:
    """Return the role in the course and its rank; 0 for none."""
    role = reading().scalar(
        sa.select(Enrolment.role).where(
            Enrolment.course_id == course_id,
            Enrolment.user_id == identity.user.id,
            Enrolment.ended_at.is_(None),
        )
    )
    if not identity.may_act_as_staff:
        return role, RANK[Role.STUDENT] if role else 0
    if identity.user.is_admin:
        return role, ADMIN_RANK
    return role, RANK[role] if role else 0


def _demand(rank: int, at_least: Role) -> None:
    if rank == 0:
        raise NotFound
    if rank < RANK[at_least]:
        raise Forbidden
