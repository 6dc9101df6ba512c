"""A regrade's life: portions, pause, cancelling, problems, what comes in meanwhile; and nothing is told."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from grader.db.base import now
from grader.db.models import (
    AttemptState,
    CourseUnit,
    DecisionKind,
    GradeDecision,
    GradingRun,
    Regrade,
    RegradeScope,
    RegradeState,
    RunState,
    Submission,
)
from grader.errors import RefusedError
from grader.jobs.regrading import regrade as regrade_one
from grader.regrades.controlling import cancel, pause, progress, resume
from grader.regrades.feeding import MIN_QUEUED
from grader.regrades.preview import Effect, Preview, preview
from grader.regrades.promoting import promote, undo
from grader.regrades.starting import extend
from grader.units import Unit
from grader.versions.storing import pin
from tests.regrades.acted import Acted, failing


@pytest.fixture(scope="session", params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param


def seen(acted: Acted, regrade_id: int) -> Preview:
    with acted.database.reading() as session:
        return preview(session, session.get_one(Regrade, regrade_id))


def standing_run(acted: Acted, run_id: int) -> GradingRun:
    """The run that stands for the submission of this one."""
    with acted.database.reading() as session:
        submission_id = session.get_one(GradingRun, run_id).submission_id
        return session.scalars(
            sa.select(GradingRun).where(GradingRun.submission_id == submission_id, GradingRun.stands)
        ).one()


def test_few_runs_wait_at_a_time_so_a_pause_is_quick(acted: Acted):
    for person in acted.students(10):
        acted.hand_in(person)
    regrade_id = acted.start(acted.store("v"))
    acted.advance()
    acted.advance()
    assert len(acted.waiting) == MIN_QUEUED
    acted.do(pause, regrade_id)
    assert acted.finish() == MIN_QUEUED
    with acted.database.reading() as session:
        done = progress(session, session.get_one(Regrade, regrade_id))
    assert (done.total, done.graded, done.under_way) == (10, MIN_QUEUED, 0)
    assert acted.regrade(regrade_id).state is RegradeState.PAUSED
    acted.do(resume, regrade_id)
    assert acted.finish() == 10 - MIN_QUEUED
    assert acted.regrade(regrade_id).state is RegradeState.READY


def test_cancelling_ends_it_and_nothing_counts(acted: Acted):
    runs = [acted.hand_in(person) for person in acted.students(6)]
    regrade_id = acted.start(acted.store("v"))
    acted.advance()
    acted.grade(1)
    acted.do(cancel, regrade_id)
    acted.finish()
    states = [run.state for run in acted.runs(regrade_id)]
    assert states == [RunState.GRADED] + [RunState.CANCELLED] * (MIN_QUEUED - 1)
    assert [standing_run(acted, run).id for run in runs] == runs
    for act in (promote, undo, pause, resume, cancel):
        with pytest.raises(RefusedError, match="cancelled"):
            acted.do(act, regrade_id)


def test_a_problem_of_ours_keeps_the_old_result_and_can_be_tried_again(acted: Acted):
    ada, ben = acted.world.ada, acted.world.ben
    first, second = acted.hand_in(ada), acted.hand_in(ben)
    good = acted.verdict
    acted.verdict = lambda email, unit: None if email == ada.email else failing("test_relu")
    regrade_id = acted.start(acted.store("v"))
    acted.finish()
    assert acted.regrade(regrade_id).state is RegradeState.READY
    attempt = next(each for each in seen(acted, regrade_id).students if each.email == ada.email).attempts[0]
    assert (attempt.state, attempt.problem, attempt.after) == (RunState.PROBLEM, "no sandbox", None)
    assert acted.told("run.problem") == []
    with acted.database.reading() as session:
        assert set(session.scalars(sa.select(Submission.attempt))) == {AttemptState.USED}
    acted.verdict = good
    assert acted.do(extend, regrade_id, acted.settings) == 1
    acted.verdict = lambda email, unit: None
    acted.finish()
    assert acted.do(promote, regrade_id) == 1
    assert (standing_run(acted, first).id, standing_run(acted, second).id == second) == (first, False)
    assert acted.told("regrade.result") == [ben.id]


def test_what_is_handed_in_meanwhile_keeps_its_result_or_is_taken_in(acted: Acted):
    first = acted.hand_in(acted.world.ada)
    acted.change_tests()
    version = acted.store("v")
    regrade_id = acted.start(version)
    acted.finish()
    later = acted.hand_in(acted.world.ben)
    assert acted.do(extend, regrade_id, acted.settings) == 1
    acted.finish()
    latest = acted.hand_in(acted.world.ben)
    acted.do(promote, regrade_id)
    assert [standing_run(acted, run).regrade_id for run in (first, later, latest)] == [regrade_id] * 2 + [
        None
    ]
    acted.change_tests("# changed on disk\n")
    after = standing_run(acted, acted.hand_in(acted.world.ada))
    assert after.unit_version_id == version.id, "what comes later is graded by the version that counts"


def regrade_alone(acted: Acted, run_id: int) -> int:
    with acted.database.writing() as session:
        submission = session.get_one(GradingRun, run_id).submission
        return regrade_one(session, acted, submission, acted.world.tara).id


def test_what_is_graded_again_by_itself_meanwhile(acted: Acted):
    ada, ben, cora = (acted.hand_in(person) for person in acted.students(3))
    regrade_id = acted.start(acted.store("v"))
    acted.finish()
    again = regrade_alone(acted, ada)
    acted.grade()
    assert standing_run(acted, ada).id == again
    waits = regrade_alone(acted, ben)
    assert acted.do(promote, regrade_id) == 3
    with acted.database.reading() as session:
        assert session.get_one(GradingRun, waits).state is RunState.CANCELLED
    acted.grade()
    assert {standing_run(acted, run).regrade_id for run in (ada, ben, cora)} == {regrade_id}
    since = regrade_alone(acted, cora)
    acted.grade()
    assert acted.do(undo, regrade_id) == 2
    assert [standing_run(acted, run).id for run in (ada, ben, cora)] == [again, ben, since]


def test_a_run_of_a_regrade_is_not_taken_for_a_regrade_of_one(acted: Acted):
    run = acted.hand_in(acted.world.ada)
    acted.start(acted.store("v"))
    acted.advance()
    alone = regrade_alone(acted, run)
    with acted.database.reading() as session:
        assert session.get_one(GradingRun, alone).regrade_id is None


def test_undoing_keeps_a_pin_that_was_set_since_and_takes_back_the_last_first(acted: Acted):
    acted.hand_in(acted.world.ada)
    first = acted.store("first")
    acted.change_tests()
    second = acted.store("second")
    ids = []
    for version in (first, second):
        ids.append(acted.start(version))
        acted.finish()
        acted.do(promote, ids[-1])
    with pytest.raises(RefusedError, match="later regrade"):
        acted.do(undo, ids[0])
    acted.do(undo, ids[1])
    with acted.database.writing() as session:
        unit = session.get_one(CourseUnit, acted.world.unit.id)
        assert unit.pinned_version_id == first.id
        pin(session, unit, second, acted.world.ines)
    acted.do(undo, ids[0])
    with acted.database.reading() as session:
        assert session.get_one(CourseUnit, acted.world.unit.id).pinned_version_id == second.id


def test_scopes(acted: Acted):
    def verdict(email: str, unit: Unit):
        return failing(*failures)

    acted.verdict, failures = verdict, []
    best = acted.hand_in(acted.world.ada)
    failures = ["test_relu"]
    latest = acted.hand_in(acted.world.ada)
    version = acted.store("v")
    for scope, expected in (
        (RegradeScope.COUNTING, {best}),
        (RegradeScope.LATEST, {latest}),
        (RegradeScope.ALL, {best, latest}),
    ):
        regrade_id = acted.start(version, scope)
        acted.finish()
        assert {standing_run(acted, run.id).id for run in acted.runs(regrade_id)} == expected


def test_the_grade_is_shown_and_not_only_the_run(acted: Acted):
    """Late, decided, excused, outdone by another attempt: the grade does not do what the run does."""
    first, second = acted.world.ada, acted.world.ben
    third, fourth = acted.students(2)
    at = now()
    with acted.database.writing() as session:
        unit = session.get_one(CourseUnit, acted.world.unit.id)
        unit.deadline_at, unit.late_percent_per_day = at - timedelta(hours=30), 10.0
        for person, kind, score in ((second, DecisionKind.SCORE, 70.0), (third, DecisionKind.EXCUSED, None)):
            session.add(
                GradeDecision(
                    course_unit_id=unit.id,
                    user_id=person.id,
                    kind=kind,
                    score=score,
                    reason="ill",
                    decided_by_id=acted.world.ines.id,
                )
            )
    bad = acted.store("bad").digest
    acted.verdict = lambda email, unit: failing("test_weight_decay") if unit.digest == bad else failing()
    for person in (first, second, third):
        acted.hand_in(person, received_at=at)
    acted.hand_in(fourth, received_at=at - timedelta(hours=40))
    acted.hand_in(fourth, received_at=at)
    acted.change_tests()
    regrade_id = acted.start(acted.store("good"), RegradeScope.LATEST)
    acted.finish()
    found = {each.email: each for each in seen(acted, regrade_id).students}
    assert found[first.email].difference == pytest.approx(4.0 * 0.8), "two days late"
    assert found[second.email].why_unmoved == "the grade was set by staff"
    assert found[third.email].why_unmoved == "excused"
    assert (found[fourth.email].effect, found[fourth.email].why_unmoved) == (
        Effect.STAYS,
        "another attempt counts",
    )


@pytest.mark.parametrize("reason", ["", "  "])
def test_students_are_owed_a_reason(acted: Acted, reason: str):
    acted.hand_in(acted.world.ada)
    with pytest.raises(RefusedError, match="Say why"):
        acted.start(acted.store("v"), reason=reason)


def test_one_at_a_time_and_none_without_submissions(acted: Acted):
    version = acted.store("v")
    with pytest.raises(RefusedError, match="No submission"):
        acted.start(version)
    acted.hand_in(acted.world.ada)
    acted.start(version)
    with pytest.raises(RefusedError, match="under way"):
        acted.start(version)
