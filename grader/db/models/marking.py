"""What people add to a grade: rubrics with their marks, comments on lines, verdicts on review flags."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.db.base import Base, now, text_enum
from grader.db.models.accounts import User
from grader.db.models.states import FlagVerdict
from grader.db.models.submissions import Submission, new_public_id


class RubricItem(Base):
    """One thing that people grade in a unit; `retired_at` set means no longer asked, with its marks kept."""

    __tablename__ = "rubric_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_unit_id: Mapped[int] = mapped_column(sa.ForeignKey("course_units.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    max_points: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(default=now)
    retired_at: Mapped[datetime | None]


class RubricMark(Base):
    """What one student got for one item; changing it is written down in the audit trail."""

    __tablename__ = "rubric_marks"
    __table_args__ = (sa.UniqueConstraint("item_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric_items.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"), index=True)
    points: Mapped[float]
    comment: Mapped[str] = mapped_column(default="")
    marked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    marked_at: Mapped[datetime] = mapped_column(default=now)

    item: Mapped[RubricItem] = relationship()
    marked_by: Mapped[User] = relationship(foreign_keys=[marked_by_id])


class Comment(Base):
    """What staff say to the student about a line of a submitted file; `line` counts from 1, 0 for all."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    submission_id: Mapped[int] = mapped_column(sa.ForeignKey("submissions.id"), index=True)
    file: Mapped[str]
    line: Mapped[int]
    text: Mapped[str]
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]

    author: Mapped[User] = relationship()
    submission: Mapped[Submission] = relationship()


class RunFlag(Base):
    """Something that a run found for staff to look at: the report's `review`, as rows."""

    __tablename__ = "run_flags"
    __table_args__ = (sa.Index("ix_run_flags_code", "code"),)

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("grading_runs.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    file: Mapped[str]
    line: Mapped[int]
    text: Mapped[str]


class FlagDecision(Base):
    """What staff made of a submission's flags of one code; the newest that is not withdrawn holds."""

    __tablename__ = "flag_decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(sa.ForeignKey("submissions.id"), index=True)
    code: Mapped[str]
    verdict: Mapped[FlagVerdict] = mapped_column(text_enum(FlagVerdict, "verdict"))
    note: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    decided_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]

    decided_by: Mapped[User] = relationship()
