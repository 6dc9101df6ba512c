"""Recording a result, all of it or nothing, if the run is still ours."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import GradingRun, RunEvent, RunReport, RunState, RunTest, UnitVersion
from grader.jobs.announcing import announce
from grader.jobs.claiming import Claim
from grader.judging.result import GradingResult, Outcome
from grader.units import Unit


def publish(session: Session, claimed: Claim, unit: Unit, result: GradingResult) -> bool:
    """Store the result and let its run stand; False, with nothing done, if the run is not ours any more."""
    run = session.scalars(
        sa.select(GradingRun).where(GradingRun.id == claimed.run_id).with_for_update()
    ).one()
    if run.state is not RunState.RUNNING or run.fence != claimed.fence:
        return False
    run.unit_version_id = _unit_version(session, unit, result)
    run.state = RunState.GRADED
    run.finished_at = now()
    run.problem = None
    store_result(session, run, result)
    session.execute(sa.delete(RunEvent).where(RunEvent.run_id == run.id))
    _let_stand(session, run)
    announce(session, run)
    return True


def store_result(session: Session, run: GradingRun, result: GradingResult) -> None:
    """Store what a grading gave beside its run: the figures, the report, and each test's outcome."""
    run.score, run.max_score = result.score, result.max_score
    run.passed_groups = " ".join(_passed_groups(result))
    if result.mnist is not None:
        run.mnist_accuracy = result.mnist.accuracy
        run.mnist_cpu_s = result.mnist.cpu_s
        run.mnist_reference_cpu_s = result.mnist.reference_cpu_s
        run.mnist_ratio = result.mnist.ratio
    session.add(RunReport(run_id=run.id, report=result.to_json()))
    for position, test in enumerate(result.tests):
        session.add(
            RunTest(
                run_id=run.id,
                position=position,
                test_id=test.id,
                visibility=test.visibility.value,
                test_group=test.group,
                outcome=test.outcome.value,
                points=test.points,
                max_points=test.max_points,
                hint_code=None if test.hint is None else test.hint.code,
                duration_s=test.duration_s,
            )
        )


def _passed_groups(result: GradingResult) -> list[str]:
    """Return the groups of which every test passed, in the order of the tests."""
    missed = {test.group for test in result.tests if test.outcome is not Outcome.PASSED}
    return [group for group in dict.fromkeys(test.group for test in result.tests) if group not in missed]


def _let_stand(session: Session, run: GradingRun) -> None:
    """Let this run stand instead of the one that did; at no moment do two."""
    if not run.stands:
        session.execute(
            sa.update(GradingRun).where(GradingRun.submission_id == run.submission_id).values(stands=False)
        )
        run.stands = True


def _unit_version(session: Session, unit: Unit, result: GradingResult) -> int:
    """Return the row of the unit's files that were graded with, made if it is their first time."""
    digest = result.provenance["unit_digest"]
    same = (UnitVersion.unit == unit.name, UnitVersion.digest == digest)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(UnitVersion)
        .values(
            unit=unit.name,
            digest=digest,
            facts={
                "title": unit.title,
                "max_score": result.max_score,
                "points": dict(unit.points),
                "visibility": asdict(unit.visibility),
            },
            created_at=now(),
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(sa.select(UnitVersion.id).where(*same)).one()
