"""What staff decide about a student's grade of a unit; nothing is deleted, decisions are withdrawn."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.db.base import Base, now, text_enum
from grader.db.models.accounts import User
from grader.db.models.courses import CourseUnit
from grader.db.models.states import DecisionKind
from grader.db.models.submissions import Submission


class Allowance(Base):
    """More time or more attempts for one student (`user_id`) or for a section, until it is withdrawn.

    A date replaces the unit's where it is later; `extra_attempts` add to the unit's number.
    """

    __tablename__ = "allowances"
    __table_args__ = (
        sa.CheckConstraint("(user_id IS NULL) <> (section IS NULL)", name="one_student_or_one_section"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_unit_id: Mapped[int] = mapped_column(sa.ForeignKey("course_units.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"), index=True)
    section: Mapped[str | None]
    deadline_at: Mapped[datetime | None]
    late_until_at: Mapped[datetime | None]
    extra_attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str]
    granted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    granted_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]

    course_unit: Mapped[CourseUnit] = relationship()
    granted_by: Mapped[User] = relationship(foreign_keys=[granted_by_id])


class GradeDecision(Base):
    """A grade that staff decided instead of the rules: a score, an excuse, or which submission counts.

    At most one per student and unit is in force; a new one withdraws the one before it. `score` is in
    points of the unit's tests, and replaces them after any deduction for lateness.
    """

    __tablename__ = "grade_decisions"
    __table_args__ = (
        sa.Index(
            "uq_grade_decisions_in_force",
            "course_unit_id",
            "user_id",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_unit_id: Mapped[int] = mapped_column(sa.ForeignKey("course_units.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    kind: Mapped[DecisionKind] = mapped_column(text_enum(DecisionKind, "kind"))
    score: Mapped[float | None]
    submission_id: Mapped[int | None] = mapped_column(sa.ForeignKey("submissions.id"))
    reason: Mapped[str]
    decided_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    decided_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]

    submission: Mapped[Submission | None] = relationship()
    decided_by: Mapped[User] = relationship(foreign_keys=[decided_by_id])
