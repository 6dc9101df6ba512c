"""Grading many submissions again, looked at before any of it counts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.db.base import Base, now, text_enum
from grader.db.models.accounts import User
from grader.db.models.courses import CourseUnit, UnitVersion
from grader.db.models.runs import GradingRun
from grader.db.models.states import RegradeMethod, RegradeScope, RegradeState
from grader.db.models.submissions import Submission, new_public_id


class Regrade(Base):
    """One regrade of a unit by one version of its tests. Its runs do not stand until it is promoted.

    `unit_version_id` is what it grades by, `previous_version_id` what the course had pinned when it was
    promoted (None: the files on disk), so that undoing brings that back.
    """

    __tablename__ = "regrades"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    course_unit_id: Mapped[int] = mapped_column(sa.ForeignKey("course_units.id"), index=True)
    unit_version_id: Mapped[int] = mapped_column(sa.ForeignKey("unit_versions.id"))
    previous_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit_versions.id"))
    method: Mapped[RegradeMethod] = mapped_column(text_enum(RegradeMethod, "method"))
    scope: Mapped[RegradeScope] = mapped_column(text_enum(RegradeScope, "scope"))
    state: Mapped[RegradeState] = mapped_column(
        text_enum(RegradeState, "state"), default=RegradeState.RUNNING
    )
    reason: Mapped[str] = mapped_column(default="")
    requested_by_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    promoted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    promoted_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    undone_at: Mapped[datetime | None]

    course_unit: Mapped[CourseUnit] = relationship()
    unit_version: Mapped[UnitVersion] = relationship(foreign_keys=[unit_version_id])
    requested_by: Mapped[User] = relationship(foreign_keys=[requested_by_id])


class RegradedSubmission(Base):
    """One submission of a regrade; `replaced_run_id` is the run that stood before the promotion."""

    __tablename__ = "regraded_submissions"

    regrade_id: Mapped[int] = mapped_column(sa.ForeignKey("regrades.id"), primary_key=True)
    submission_id: Mapped[int] = mapped_column(sa.ForeignKey("submissions.id"), primary_key=True)
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("grading_runs.id"), index=True)
    replaced_run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("grading_runs.id"))

    submission: Mapped[Submission] = relationship()
    run: Mapped[GradingRun | None] = relationship(foreign_keys=[run_id])
