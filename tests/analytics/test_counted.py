"""What the database counts: whose attempts, which tests, which hints."""

import pytest

from grader.analytics.attempts import Which, Work, read_work
from grader.analytics.hints import hint_counts, who_has
from grader.analytics.one_test import one_test, passing_over_time
from grader.analytics.pass_rates import moments, pass_rates
from grader.analytics.timed_runs import limits_of, timed_runs
from grader.db.base import now
from grader.db.models import CourseUnit, DecisionKind, Enrolment, GradeDecision, RunReason, RunState
from tests.cast import half_done, reference, template, too_slow
from tests.people import enrol, make_person, make_run, make_submission

STEP = "tests/test_nn.py::test_step"


@pytest.fixture
def scene(database, world):
    """Ada was done and then broke it again, Ben is half done; others' work is not the students'."""
    with database.writing() as session:
        for person, results in (
            (world.ada, (template(), reference(), too_slow())),
            (world.ben, (template(), half_done())),
            (world.tara, (half_done(),)),
        ):
            for result in results:
                make_run(session, make_submission(session, world.unit, person), result)
        left = make_person(session, "Frida Ott")
        enrol(session, world.course, left, ended_at=now())
        make_run(session, make_submission(session, world.unit, left), half_done())
        waiting = make_submission(session, world.unit, world.ben)
        make_run(session, waiting, state=RunState.QUEUED)
    with database.reading() as session:
        yield session, session.get_one(CourseUnit, world.unit.id)


def scores(work: Work, which: Which):
    return {work.names[each.user_id]: each.score for each in work.chosen(which)}


def test_students_of_today_by_counting_and_by_latest_attempt(scene):
    work = read_work(*scene)
    assert list(work.names.values()) == ["Ada Byron", "Ben Okri"]
    assert {work.names[user]: len(own) for user, own in work.attempts.items()} == {
        "Ada Byron": 3,
        "Ben Okri": 3,
    }
    ben = half_done().score
    assert scores(work, Which.COUNTING) == {"Ada Byron": 100.0, "Ben Okri": ben}
    assert scores(work, Which.LATEST) == {"Ada Byron": too_slow().score, "Ben Okri": ben}


def test_a_submission_that_staff_chose_counts_and_an_excuse_leaves_the_work(database, world, scene):
    with database.writing() as session:
        first = read_work(*scene).attempts[world.ada.id][0]
        for person, kind, chosen in (
            (world.ada, DecisionKind.SUBMISSION, first.id),
            (world.ben, DecisionKind.EXCUSED, None),
        ):
            session.add(
                GradeDecision(
                    course_unit_id=world.unit.id,
                    user_id=person.id,
                    kind=kind,
                    submission_id=chosen,
                    reason="asked for",
                    decided_by_id=world.ines.id,
                )
            )
    with database.reading() as session:
        found = scores(read_work(session, session.get_one(CourseUnit, world.unit.id)), Which.COUNTING)
    assert found == {"Ada Byron": 0.0, "Ben Okri": half_done().score}


def test_only_runs_that_stand(database, world, scene):
    with database.writing() as session:
        again = make_submission(session, world.unit, world.ben)
        make_run(session, again, reference(), stands=False, reason=RunReason.REGRADE)
        make_run(session, again, template())
    with database.reading() as session:
        work = read_work(session, session.get_one(CourseUnit, world.unit.id))
    assert scores(work, Which.LATEST)["Ben Okri"] == 0.0


def test_pass_rates_now_and_at_first(scene):
    session, unit = scene
    work = read_work(session, unit)
    rates = {rate.test_id: rate for rate in pass_rates(session, work.chosen(Which.LATEST), work.first())}
    assert next(iter(rates)) == "tests/test_nn.py::test_linear_shapes"
    step = rates[STEP]
    assert (step.group, step.visibility) == ("sgd", "public")
    assert (step.now.passed, step.now.of, step.first.passed, step.first.of) == (1, 2, 0, 2)
    rule = rates["rules::off_limits"]
    assert (rule.now.passed, rule.now.of, rule.first.share) == (0, 1, None)


def test_passed_groups_are_those_without_a_miss(scene):
    work = read_work(*scene)
    first, _, _ = work.attempts[next(iter(work.names))]
    assert first.passed_groups == ""
    (half,) = (each for each in work.chosen(Which.COUNTING) if not each.is_full)
    assert half.passed_groups == "linear activations sequential"


def test_hints_and_who(scene):
    session, unit = scene
    work = read_work(session, unit)
    counting = work.chosen(Which.COUNTING)
    hints = {hint.code: hint for hint in hint_counts(session, counting)}
    assert (hints["no-grad-missing"].students, hints["no-grad-missing"].tests) == (1, 2)
    ((attempt, tests),) = who_has(session, counting, "no-grad-missing")
    assert work.names[attempt.user_id] == "Ben Okri"
    assert tests == [STEP, "hidden/test_sgd.py::test_step_is_not_tracked"]
    assert who_has(session, counting, "never-heard-of") == []
    codes = [hint.code for hint in hint_counts(session, work.first())]
    assert codes == ["not-implemented"]


def test_one_test_now_and_over_time(scene):
    session, unit = scene
    work = read_work(session, unit)
    found = one_test(session, work.chosen(Which.COUNTING), STEP)
    assert found is not None
    assert (found.passed, [miss.hint_code for miss in found.missed]) == (1, ["no-grad-missing"])
    assert one_test(session, work.chosen(Which.COUNTING), "tests/test_nn.py::test_nothing") is None
    days = passing_over_time(session, work, moments(work, now()), STEP)
    assert days[-1].share(STEP) == 0.5


def test_timed_runs_that_came_to_their_end(scene):
    session, unit = scene
    work = read_work(session, unit)
    runs = timed_runs(session, work.chosen(Which.LATEST))
    assert [(work.names[run.attempt.user_id], run.ratio) for run in runs] == [("Ada Byron", 4.62)]
    limits = limits_of(session, runs)
    assert (limits.threshold, limits.max_ratio, limits.reference_accuracy) == (0.95, 3.0, 0.9734)
    assert limits_of(session, []).threshold is None


def test_nobody_yet(database, world):
    with database.writing() as session:
        session.query(Enrolment).filter_by(course_id=world.course.id).delete()
    with database.reading() as session:
        work = read_work(session, session.get_one(CourseUnit, world.unit.id))
        assert pass_rates(session, work.chosen(Which.COUNTING), work.first()) == []
        assert hint_counts(session, []) == []
        assert timed_runs(session, []) == []
