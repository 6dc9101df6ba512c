"""Recording a result, all of it or nothing, if the run is still ours."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import GradingRun, RunEvent, RunFlag, RunReport, RunState, RunTest
from grader.jobs.announcing import announce
from grader.jobs.claiming import Claim
from grader.judging.result import GradingResult, Outcome
from grader.report.text import visible
from grader.units import Unit
from grader.versions.storing import keep_version


def publish(session: Session, claimed: Claim, unit: Unit, result: GradingResult) -> bool:
    """Store the result and let its run stand; False, with nothing done, if the run is not ours any more.

    The result of a replay, or of a regrade that staff look at first, is stored beside the one that stands,
    and nobody is told.
    """
    run = session.scalars(
        sa.select(GradingRun).where(GradingRun.id == claimed.run_id).with_for_update()
    ).one()
    if run.state is not RunState.RUNNING or run.fence != claimed.fence:
        return False
    run.unit_version_id = keep_version(session, unit, result.provenance["unit_digest"])
    run.state = RunState.GRADED
    run.finished_at = now()
    run.problem = None
    store_result(session, run, result)
    session.execute(sa.delete(RunEvent).where(RunEvent.run_id == run.id))
    if run.decides:
        _let_stand(session, run)
        announce(session, run)
    return True


def store_result(session: Session, run: GradingRun, result: GradingResult) -> None:
    """Store what a grading gave beside its run: the figures, the report, its flags, each test's outcome."""
    run.score, run.max_score = result.score, result.max_score
    run.passed_groups = passed_groups(result)
    if result.mnist is not None:
        run.mnist_accuracy = result.mnist.accuracy
        run.mnist_cpu_s = result.mnist.cpu_s
        run.mnist_reference_cpu_s = result.mnist.reference_cpu_s
        run.mnist_ratio = result.mnist.ratio
    session.add(RunReport(run_id=run.id, report=result.to_json()))
    session.add_all(  # they may quote what student code said, and no database takes a NUL
        RunFlag(
            run_id=run.id,
            position=position,
            code=flag.code,
            file=visible(flag.file),
            line=flag.line,
            text=visible(flag.text),
        )
        for position, flag in enumerate(result.review)
    )
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


def passed_groups(result: GradingResult) -> str:
    """Return the groups of which every test passed, in the order of the tests, as runs' rows have them."""
    missed = {test.group for test in result.tests if test.outcome is not Outcome.PASSED}
    groups = dict.fromkeys(test.group for test in result.tests)
    return " ".join(group for group in groups if group not in missed)


def _let_stand(session: Session, run: GradingRun) -> None:
    """Let this run stand instead of the one that did; at no moment do two."""
    if not run.stands:
        session.execute(
            sa.update(GradingRun).where(GradingRun.submission_id == run.submission_id).values(stands=False)
        )
        run.stands = True
