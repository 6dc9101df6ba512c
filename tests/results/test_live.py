"""A run that goes on, as its page sees it."""

import pytest

from grader.db.models import RunEvent, RunState
from grader.results.live import live_from, live_of
from tests.people import make_run, make_submission
from tests.results.allowing import STAFF, student
from tests.results.events import EVENTS


def test_before_the_first_event_nothing_is_known():
    live = live_from([], STAFF)
    assert (live.number, live.phase, live.done, live.total, live.tests, live.epochs) == (0, "", 0, 0, (), ())


def test_tests_are_told_by_exercise_as_they_finish():
    live = live_from(EVENTS[:8], STAFF)
    assert (live.number, live.phase, live.done, live.total) == (8, "Running the tests", 7, 26)
    assert [(group.title, group.passed, len(group.tests)) for group in live.groups] == [
        ("Linear", 5, 5),
        ("Activations", 2, 2),
    ]


def test_the_curve_grows():
    live = live_from(EVENTS[:-2], STAFF)
    assert live.phase == "Training on MNIST"
    assert (len(live.epochs), len(live.reference_epochs), live.epochs_total) == (3, 3, 5)
    assert live.last_epoch_number == live.number
    assert len(live_from(EVENTS, STAFF).reference_epochs) == 4


@pytest.mark.parametrize("upto", [10, 20, len(EVENTS)])
def test_hidden_names_stay_hidden_and_numbers_are_those_of_the_report(upto):
    live = live_from(EVENTS[:upto], student(names="never"))
    hidden = [test.name for test in live.tests if test.name.startswith("Hidden")]
    assert hidden
    assert not any("test_bias_is_broadcast" in test.name for test in live.tests)
    assert [test.name for test in live.tests if test.group == "linear"][-1] == "Hidden test 1"


def test_only_the_present_worker_counts(database, world):
    """A worker that was thought dead may have written on; its events are of an older fence."""
    with database.writing() as session:
        run = make_run(session, make_submission(session, world.unit, world.ada), state=RunState.RUNNING)
        run.fence = 2
        for fence, upto in ((1, 20), (2, 3)):
            session.add_all(
                RunEvent(run_id=run.id, fence=fence, number=number, kind=kind, data=data)
                for number, kind, data in EVENTS[:upto]
            )
        session.flush()
        live = live_of(session, run, STAFF)
    assert (live.number, live.done) == (3, 2)
