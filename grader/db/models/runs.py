"""Grading runs: every run is kept, none is ever overwritten by another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grader.db.base import Base, CompressedJson, now, text_enum
from grader.db.models.courses import UnitVersion
from grader.db.models.states import RunReason, RunState
from grader.db.models.submissions import Submission


class GradingRun(Base):
    """One grading of one submission, and its job's state.

    `stands` marks the one run per submission whose result counts and is shown.
    `fence` goes up each time a worker takes the run; only the worker that holds the newest fence
    may write to it, so a worker that was thought dead can't publish late. `tries` counts our own
    failures. Of the runs that wait, submissions go before regrades, then a lower `priority` goes first,
    then the older. `wanted_version_id` is what to grade by, if not by what the course has pinned;
    `unit_version_id` is what was graded by. A run of a regrade (`regrade_id`) stands only once that is
    promoted. A replay (`repeats_run_id`) has the seed of the run that it repeats, to be compared with it, and
    never stands. `problem` says what went wrong on our side, for staff. Scores are points; times of
    the timed run are CPU seconds. `passed_groups` names the test groups of which every test passed, with
    spaces between: what statistics of all attempts can count without reading each test's row.
    """

    __tablename__ = "grading_runs"
    __table_args__ = (
        sa.Index("ix_grading_runs_state_queued_at", "state", "queued_at"),
        sa.Index("ix_grading_runs_submission_id_id", "submission_id", "id"),
        sa.Index(
            "uq_grading_runs_submission_id_standing",
            "submission_id",
            unique=True,
            sqlite_where=sa.text("stands"),
            postgresql_where=sa.text("stands"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(sa.ForeignKey("submissions.id"))
    reason: Mapped[RunReason] = mapped_column(text_enum(RunReason, "reason"))
    requested_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    state: Mapped[RunState] = mapped_column(text_enum(RunState, "state"), default=RunState.QUEUED)
    stands: Mapped[bool]
    seed: Mapped[int] = mapped_column(sa.BigInteger)
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    priority: Mapped[int] = mapped_column(default=1)
    worker_id: Mapped[str | None] = mapped_column(sa.ForeignKey("workers.id"))
    unit_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit_versions.id"))
    wanted_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit_versions.id"))
    regrade_id: Mapped[int | None] = mapped_column(sa.ForeignKey("regrades.id"), index=True)
    repeats_run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("grading_runs.id"))
    queued_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    first_result_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    score: Mapped[float | None]
    max_score: Mapped[float | None]
    passed_groups: Mapped[str | None]
    mnist_accuracy: Mapped[float | None]
    mnist_cpu_s: Mapped[float | None]
    mnist_reference_cpu_s: Mapped[float | None]
    mnist_ratio: Mapped[float | None]
    problem: Mapped[str | None]

    @hybrid_property
    def decides(self) -> bool:
        """Whether its result is to stand once it is there: it is no replay, and no part of a regrade."""
        return self.regrade_id is None and self.repeats_run_id is None

    @decides.inplace.expression
    @classmethod
    def _decides_expression(cls) -> sa.ColumnElement[bool]:
        return sa.and_(cls.regrade_id.is_(None), cls.repeats_run_id.is_(None))

    submission: Mapped[Submission] = relationship(foreign_keys=[submission_id])
    unit_version: Mapped[UnitVersion | None] = relationship(foreign_keys=[unit_version_id])


class RunReport(Base):
    """A run's whole report, schema 1 (docs/reference/report.md): results, curves and pictures' data."""

    __tablename__ = "run_reports"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("grading_runs.id"), primary_key=True)
    report: Mapped[dict[str, Any]] = mapped_column(CompressedJson)


class RunTest(Base):
    """One test's verdict in one run: the report's `tests`, as rows that can be counted."""

    __tablename__ = "run_tests"
    __table_args__ = (sa.Index("ix_run_tests_test_id_run_id_outcome", "test_id", "run_id", "outcome"),)

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("grading_runs.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    test_id: Mapped[str]
    visibility: Mapped[str]
    test_group: Mapped[str]
    outcome: Mapped[str]
    points: Mapped[float]
    max_points: Mapped[float]
    hint_code: Mapped[str | None]
    duration_s: Mapped[float]


class RunEvent(Base):
    """One step of a run's live progress, numbered from 1 within one `fence`; deleted when the run is over.

    `kind` is phase, test, epoch or phase_end; `data` is the event of grader.judging.events as JSON.
    """

    __tablename__ = "run_events"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("grading_runs.id"), primary_key=True)
    fence: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)
