"""What a student has handed in, and which of it counts."""

import pytest
import sqlalchemy as sa

from grader.db.models import AttemptState, Counting, CourseUnit, GradingRun, RunState, Submission
from grader.results.history import histories_of, history_of
from grader.results.visibility import Audience
from tests.cast import half_done, reference, too_slow
from tests.people import make_run, make_submission, make_unit


def hand_in(session, world, *results, person=None, **fields):
    for result in results:
        submission = make_submission(session, world.unit, person or world.ada, **fields)
        if isinstance(result, RunState):
            make_run(session, submission, state=result)
        else:
            make_run(session, submission, result)


@pytest.mark.parametrize(("counts", "number"), [(Counting.BEST, 2), (Counting.LATEST, 4)])
def test_the_best_or_the_latest_graded_attempt_counts(database, world, counts, number):
    with database.writing() as session:
        hand_in(session, world, half_done(), reference(), too_slow(), half_done(), RunState.QUEUED)
        world.unit.counts = counts
        history = history_of(session, world.unit, world.ada.id)
    assert history.counting is not None
    assert history.counting.number == number
    assert [attempt.number for attempt in history.attempts if attempt.counts] == [number]


def test_of_equal_scores_the_first_counts(database, world):
    with database.writing() as session:
        hand_in(session, world, half_done(), reference(), reference())
        history = history_of(session, world.unit, world.ada.id)
    assert history.counting.number == 2


def test_what_has_no_score_never_counts(database, world):
    with database.writing() as session:
        hand_in(session, world, RunState.PROBLEM, RunState.CANCELLED, RunState.SUPERSEDED, RunState.RUNNING)
        history = history_of(session, world.unit, world.ada.id)
    assert history.counting is None
    assert history.graded == ()
    assert [attempt.state for attempt in history.attempts] == [
        RunState.PROBLEM,
        RunState.CANCELLED,
        RunState.SUPERSEDED,
        RunState.RUNNING,
    ]


def test_attempts_given_back_are_not_used(database, world):
    with database.writing() as session:
        hand_in(session, world, half_done())
        hand_in(session, world, RunState.CANCELLED, attempt=AttemptState.REFUNDED)
        assert history_of(session, world.unit, world.ada.id).used == 1


def test_only_the_standing_run_is_shown(database, world):
    with database.writing() as session:
        hand_in(session, world, half_done())
        session.execute(sa.update(GradingRun).values(stands=False))
        make_run(session, session.scalars(sa.select(Submission)).one(), reference())
        history = history_of(session, world.unit, world.ada.id)
    assert [attempt.score for attempt in history.attempts] == [100]


def test_histories_are_ones_own_and_take_no_more_queries_for_more_units(database, world):
    with database.writing() as session:
        other = make_unit(session, world.course, slug="cnn", unit="cnn", title="CNN")
        hand_in(session, world, half_done())
        hand_in(session, world, reference(), person=world.ben)
    said: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *event: said.append(event[2]))
    counts = []
    for units in ([world.unit], [world.unit, other]):
        said.clear()
        with database.reading() as session:
            histories = histories_of(session, units, world.ada.id)
        counts.append(len(said))
    assert counts[0] == counts[1]
    assert [attempt.score for attempt in histories[world.unit.id].attempts] == [34]
    assert histories[other.id].attempts == ()


def test_withheld_grades_are_in_no_history_of_students(database, world):
    with database.writing() as session:
        hand_in(session, world, half_done(), reference())
        session.get_one(CourseUnit, world.unit.id).are_grades_withheld = True
        world.unit.are_grades_withheld = True
        student = history_of(session, world.unit, world.ada.id)
        staff = history_of(session, world.unit, world.ada.id, Audience.STAFF)
    assert (student.is_withheld, student.counting, student.graded) == (True, None, ())
    assert {(each.state, each.score, each.mnist_accuracy) for each in student.attempts} == {
        (RunState.GRADED, None, None)
    }
    assert (staff.grade.score, staff.counting.number) == (100, 2)
