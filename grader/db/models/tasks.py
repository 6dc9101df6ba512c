"""Long work that staff ask for beside grading: the admission gate, a check for similar hand-ins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.db.base import Base, CompressedJson, now, text_enum
from grader.db.models.accounts import User
from grader.db.models.courses import CourseUnit, UnitVersion
from grader.db.models.states import PairVerdict, TaskKind, TaskState
from grader.db.models.submissions import Submission, new_public_id


class Task(Base):
    """One piece of such work; a worker takes it under a fence, as it takes a run.

    `arguments` say what is to be done, `progress` how far it is, `result` what it found, each as its kind
    defines. `requested_by_id` None is the grader itself. `problem` says what failed on our side.
    """

    __tablename__ = "tasks"
    __table_args__ = (sa.Index("ix_tasks_state_queued_at", "state", "queued_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    kind: Mapped[TaskKind] = mapped_column(text_enum(TaskKind, "kind"))
    course_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("course_units.id"), index=True)
    unit_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit_versions.id"))
    arguments: Mapped[dict[str, Any]]
    state: Mapped[TaskState] = mapped_column(text_enum(TaskState, "state"), default=TaskState.QUEUED)
    progress: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None] = mapped_column(CompressedJson)
    problem: Mapped[str | None]
    requested_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    worker_id: Mapped[str | None] = mapped_column(sa.ForeignKey("workers.id"))
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    course_unit: Mapped[CourseUnit | None] = relationship()
    unit_version: Mapped[UnitVersion | None] = relationship()
    requested_by: Mapped[User | None] = relationship()


class SimilarPair(Base):
    """Two submissions of different students that a check found alike beyond the template.

    `similarity` is 0 to 1; `evidence` holds the matching parts of both, as the check defines. `seen_by_id`,
    `verdict` and `note` say what staff made of it.
    """

    __tablename__ = "similar_pairs"
    __table_args__ = (sa.Index("ix_similar_pairs_task_id_similarity", "task_id", "similarity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True, default=new_public_id)
    task_id: Mapped[int] = mapped_column(sa.ForeignKey("tasks.id"))
    first_id: Mapped[int] = mapped_column(sa.ForeignKey("submissions.id"), index=True)
    second_id: Mapped[int] = mapped_column(sa.ForeignKey("submissions.id"), index=True)
    similarity: Mapped[float]
    evidence: Mapped[dict[str, Any]] = mapped_column(CompressedJson)
    verdict: Mapped[PairVerdict | None] = mapped_column(text_enum(PairVerdict, "verdict"))
    note: Mapped[str | None]
    seen_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    seen_at: Mapped[datetime | None]

    first: Mapped[Submission] = relationship(foreign_keys=[first_id])
    second: Mapped[Submission] = relationship(foreign_keys=[second_id])
