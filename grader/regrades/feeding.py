"""Keeping regrades going: a few runs in the queue at a time, or scores counted anew, until all are over.

Every worker calls `advance` each second or two. A regrade's row is locked meanwhile, so it matters neither
how many workers there are nor when one is cut off.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session, joinedload

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import (
    GradingRun,
    Regrade,
    RegradedSubmission,
    RegradeMethod,
    RegradeState,
    RunReason,
    RunReport,
    RunState,
    UnitVersion,
)
from grader.errors import GraderError
from grader.jobs.publishing import store_result
from grader.jobs.queue_position import live_slots
from grader.judging.result import GradingResult
from grader.regrades.points_only import differences_beside_points
from grader.results.reports import standing_run
from grader.submissions.accept import Queue
from grader.unit_cache import current_unit
from grader.units import Unit
from grader.versions.finding import Places
from grader.versions.materialising import materialised

log = structlog.get_logger("grader.regrades")

QUEUED_PER_SLOT = 2
MIN_QUEUED = 4
RESCORED_AT_ONCE = 25  # in one transaction, which others wait for on SQLite
PORTIONS = 8  # of those, before a worker looks after its other chores
UNFINISHED = (RunState.QUEUED, RunState.RUNNING)


def advance(database: Database, queue: Queue, places: Places) -> None:
    """Give every running regrade its next runs, and declare those ready whose runs are all over."""
    with database.reading() as session:
        running = session.scalars(sa.select(Regrade.id).where(Regrade.state == RegradeState.RUNNING)).all()
    for regrade_id in running:
        try:
            for _ in range(PORTIONS):
                with database.writing() as session:
                    if not _advance(session, queue, places, regrade_id):
                        break
        except Exception:  # the next look comes soon; the other regrades need not wait for it
            log.exception("regrade_not_advanced", regrade=regrade_id)


def _advance(session: Session, queue: Queue, places: Places, regrade_id: int) -> bool:
    """Take the next step; return whether another one may follow at once."""
    regrade = session.scalars(
        sa.select(Regrade).where(Regrade.id == regrade_id).with_for_update(of=Regrade)
    ).one()
    if regrade.state is not RegradeState.RUNNING:
        return False
    unfinished = session.scalars(
        sa.select(sa.func.count())
        .select_from(GradingRun)
        .where(GradingRun.regrade_id == regrade.id, GradingRun.state.in_(UNFINISHED))
    ).one()
    is_rescore = regrade.method is RegradeMethod.RESCORE
    wanted = RESCORED_AT_ONCE if is_rescore else _most_queued(session) - unfinished
    waiting = _waiting(session, regrade, max(wanted, 1))
    if not waiting and not unfinished:
        regrade.state, regrade.finished_at = RegradeState.READY, now()
        return False
    if is_rescore:
        _rescore(session, places, regrade, waiting)
        return True
    for row in waiting[: max(wanted, 0)]:
        run = _new_run(session, regrade, row, RunReason.REGRADE)
        queue.add(session, run)
    return False


def _most_queued(session: Session) -> int:
    return max(MIN_QUEUED, QUEUED_PER_SLOT * live_slots(session))


def _waiting(session: Session, regrade: Regrade, limit: int) -> Sequence[RegradedSubmission]:
    return session.scalars(
        sa.select(RegradedSubmission)
        .where(RegradedSubmission.regrade_id == regrade.id, RegradedSubmission.run_id.is_(None))
        .options(joinedload(RegradedSubmission.submission))
        .order_by(RegradedSubmission.submission_id)
        .limit(limit)
    ).all()


def _new_run(session: Session, regrade: Regrade, row: RegradedSubmission, reason: RunReason) -> GradingRun:
    """Return a run beside the one that stands, with its seed, so that only the tests differ."""
    run = GradingRun(
        submission_id=row.submission_id,
        reason=reason,
        requested_by_id=regrade.requested_by_id,
        stands=False,
        seed=standing_run(session, row.submission_id).seed,
        wanted_version_id=regrade.unit_version_id,
        regrade_id=regrade.id,
    )
    session.add(run)
    session.flush()
    row.run_id = run.id
    return run


def _rescore(session: Session, places: Places, regrade: Regrade, rows: Sequence[RegradedSubmission]) -> None:
    unit_for = functools.cache(lambda graded_by_id: _unit_for(session, places, regrade, graded_by_id))
    for row in rows:
        standing = standing_run(session, row.submission_id)
        run = _new_run(session, regrade, row, RunReason.RESCORE)
        run.finished_at = now()
        try:
            result = _counted_anew(session, standing, unit_for(standing.unit_version_id))
        except GraderError as error:
            run.state, run.problem = RunState.PROBLEM, str(error)
            continue
        run.state, run.unit_version_id = RunState.GRADED, regrade.unit_version_id
        store_result(session, run, result)


def _unit_for(session: Session, places: Places, regrade: Regrade, graded_by_id: int | None) -> Unit:
    """Return the unit whose points are to count for what this version graded.

    GraderError if it can't be read, and if it differs in more than points: what stands may have been graded
    by yet other tests since the regrade began.
    """
    graded_by = None if graded_by_id is None else session.get_one(UnitVersion, graded_by_id)
    unit = _unit(places, regrade.unit_version)
    if graded_by is None or differences_beside_points(_unit(places, graded_by), unit):
        raise GraderError("It was graded meanwhile by tests that differ from these in more than points.")
    return unit


def _unit(places: Places, version: UnitVersion) -> Unit:
    return current_unit(version.unit, materialised(version, places.data_dir))


def _counted_anew(session: Session, standing: GradingRun, unit: Unit) -> GradingResult:
    from grader.regrades.rescoring import rescored  # brings torch, as all judging does

    report = session.get(RunReport, standing.id)
    if report is None:
        raise GraderError("There is no report to count points from.")
    return rescored(GradingResult.from_json(report.report), unit)
