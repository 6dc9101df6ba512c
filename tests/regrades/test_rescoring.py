"""Counting points anew: exact, without any run, and refused where more than points has changed."""

import shutil
from collections import Counter
from dataclasses import replace

import pytest
import sqlalchemy as sa

from grader.db.models import (
    RegradeMethod,
    RegradeState,
    RunReason,
    RunReport,
    RunState,
    Submission,
    UnitVersion,
)
from grader.errors import RefusedError
from grader.jobs.regrading import regrade as regrade_one
from grader.judging.result import GradingResult, Outcome, TestResult, Visibility
from grader.regrades.promoting import promote, undo
from grader.regrades.rescoring import rescored
from grader.units import Unit
from tests.factories import make_mnist, make_test
from tests.regrades.acted import Acted, failing


@pytest.fixture(scope="session", params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param


def result_of(unit: Unit, *failed_groups: str, without: str = "") -> GradingResult:
    """Two tests in each of the unit's groups, an inaccurate timed run, and a use of something off limits."""
    tests = [
        make_test(
            id=f"tests/test_nn.py::test_{group}_{number}",
            group=group,
            outcome=Outcome.FAILED if group in failed_groups and number else Outcome.PASSED,
        )
        for group in unit.points
        if group != without
        for number in (0, 1)
    ]
    timed = [_mnist("mnist::accuracy", Outcome.FAILED), _mnist("mnist::time", Outcome.FAILED)]
    rule = make_test(id="rules::off_limits", group="rules", outcome=Outcome.FAILED, max_points=0.0)
    made = replace(failing(), mnist=make_mnist(accuracy=0.2), tests=(*tests, *timed, rule))
    return made if without else rescored(made, unit)


def _mnist(test_id: str, outcome: Outcome) -> TestResult:
    return make_test(id=test_id, group="mnist", visibility=Visibility.HIDDEN, outcome=outcome, points=0.0)


def move_points(acted: Acted) -> None:
    """Four points go from the activations to the layers that hold others."""
    acted.change_toml("activations = 8", "activations = 4")
    acted.change_toml("sequential = 8", "sequential = 12")


def test_points_are_counted_anew_and_nothing_runs(acted: Acted):
    ada, ben = acted.world.ada, acted.world.ben
    acted.verdict = lambda email, unit: result_of(unit, *(["activations"] if email == ada.email else []))
    for person in (ada, ben):
        acted.hand_in(person)
    before = acted.scores()
    move_points(acted)
    version = acted.store("other points")
    regrade_id = acted.start(version, method=RegradeMethod.RESCORE)
    assert acted.finish() == 0
    assert acted.regrade(regrade_id).state is RegradeState.READY
    runs = acted.runs(regrade_id)
    assert {(run.reason, run.unit_version_id) for run in runs} == {(RunReason.RESCORE, version.id)}
    with acted.database.reading() as session:
        for run in runs:
            result = GradingResult.from_json(session.get_one(RunReport, run.id).report)
            most: Counter[str] = Counter()
            for test in result.tests:
                most[test.group] += test.max_points
            assert (most["activations"], most["sequential"]) == (4, 12)
            assert result.score == run.score
            assert result.provenance["unit_digest"] == version.digest
    acted.do(promote, regrade_id)
    (ada_before, ben_before), (ada_after, ben_after) = before.values(), acted.scores().values()
    assert (ada_after, ben_after) == (ada_before + 2, ben_before), "half of 8 points lost is now half of 4"
    acted.do(undo, regrade_id)
    assert acted.scores() == before


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda acted: acted.change_tests(), "Files were changed: hidden_tests/nn/test_sgd.py"),
        (lambda acted: acted.change_toml("threshold = 0.95", "threshold = 0.96"), "mnist"),
    ],
    ids=["a test", "a threshold"],
)
def test_more_than_points_is_refused(acted: Acted, change, reason: str):
    acted.hand_in(acted.world.ada)
    change(acted)
    with pytest.raises(RefusedError, match=reason):
        acted.start(acted.store("v"), method=RegradeMethod.RESCORE)


def test_points_that_nobody_can_earn_are_a_problem_and_no_zero(acted: Acted):
    acted.verdict = lambda email, unit: result_of(unit, without="sequential")
    acted.hand_in(acted.world.ada)
    move_points(acted)
    regrade_id = acted.start(acted.store("v"), method=RegradeMethod.RESCORE)
    acted.finish()
    (run,) = acted.runs(regrade_id)
    assert run.problem is not None
    assert "points no test can earn" in run.problem
    with pytest.raises(RefusedError, match="None of its runs"):
        acted.do(promote, regrade_id)


def test_what_was_graded_by_other_tests_meanwhile_is_a_problem(acted: Acted):
    """What is counted anew is what stands by then, which may be of yet other tests."""
    acted.verdict = lambda email, unit: result_of(unit)
    acted.hand_in(acted.world.ada)
    move_points(acted)
    regrade_id = acted.start(acted.store("other points"), method=RegradeMethod.RESCORE)
    acted.change_tests()
    with acted.database.writing() as session:
        submission = session.scalars(sa.select(Submission)).one()
        regrade_one(session, acted, submission, acted.world.tara)
    acted.grade()
    acted.finish()
    (run,) = acted.runs(regrade_id)
    assert (run.state, run.score) == (RunState.PROBLEM, None)
    assert "more than points" in (run.problem or "")


def test_a_version_that_can_not_be_laid_out_holds_up_nobody(acted: Acted):
    acted.verdict = lambda email, unit: result_of(unit)
    acted.hand_in(acted.world.ada)
    move_points(acted)
    version = acted.store("other points")
    regrade_id = acted.start(version, method=RegradeMethod.RESCORE)
    with acted.database.writing() as session:
        session.get_one(UnitVersion, version.id).content = b"no zip"
    shutil.rmtree(acted.settings.data_dir)
    acted.finish()
    (run,) = acted.runs(regrade_id)
    assert "damaged" in (run.problem or "")
    assert acted.regrade(regrade_id).state is RegradeState.READY
