"""Courses, who is in them, and what there is to hand in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.db.base import Base, now, text_enum
from grader.db.models.states import Counting, Role

if TYPE_CHECKING:
    from grader.db.models.accounts import User


class Course(Base):
    """A course in one term. `slug` is its name in addresses.

    `supersedes_queued`: a newer submission of a student replaces one that is still waiting.
    """

    __tablename__ = "courses"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    supersedes_queued: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    units: Mapped[list[CourseUnit]] = relationship(
        back_populates="course", order_by="CourseUnit.position, CourseUnit.id"
    )


class Enrolment(Base):
    """A person's role in a course; `ended_at` set means no longer a member, with all work kept."""

    __tablename__ = "enrolments"
    __table_args__ = (sa.UniqueConstraint("course_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("courses.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    role: Mapped[Role] = mapped_column(text_enum(Role, "role"))
    student_number: Mapped[str | None]
    section: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]

    course: Mapped[Course] = relationship()
    user: Mapped[User] = relationship()


class CourseUnit(Base):
    """A unit as one course sets it: `unit` names the folder in hidden_tests/, `slug` the address.

    Submissions are taken from `opens_at` to `deadline_at`; after it, marked late, to `late_until_at`.
    None means: from the start, without end, not at all. `max_attempts` None means any number.
    A late hand-in loses `late_percent_per_day` of its score for each day begun after the deadline, at most
    `late_percent_cap`; none within `late_grace_s` of it. While `are_grades_withheld`, students see no
    scores or reports. `pinned_version_id` is what submissions are graded by; None: the files on disk.
    """

    __tablename__ = "course_units"
    __table_args__ = (sa.UniqueConstraint("course_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("courses.id"))
    slug: Mapped[str]
    unit: Mapped[str]
    title: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    is_published: Mapped[bool] = mapped_column(default=True)
    opens_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    late_until_at: Mapped[datetime | None]
    max_attempts: Mapped[int | None]
    counts: Mapped[Counting] = mapped_column(text_enum(Counting, "counts"), default=Counting.BEST)
    late_percent_per_day: Mapped[float] = mapped_column(default=0.0, server_default="0")
    late_percent_cap: Mapped[float] = mapped_column(default=100.0, server_default="100")
    late_grace_s: Mapped[int] = mapped_column(default=0, server_default="0")
    are_grades_withheld: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    checks_similarity: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    pinned_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit_versions.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    course: Mapped[Course] = relationship(back_populates="units")


class UnitVersion(Base):
    """One state of a unit's files, by digest; `facts` is what the pages need of unit.toml.

    facts: {"title", "max_score", "points": {group: points}, "visibility": {part: rule}}.
    `content` is a zip of the unit's files, from which a worker grades; None for a version that was only
    ever on disk. `label` is what staff call it.
    """

    __tablename__ = "unit_versions"
    __table_args__ = (sa.UniqueConstraint("unit", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str]
    digest: Mapped[str]
    facts: Mapped[dict[str, Any]]
    content: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    label: Mapped[str | None]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
