"""The log of a submission's runs, and its replay."""

from dataclasses import replace

import pytest

from grader.db.models import AuditEvent, GradingRun, RunReason, RunState, Submission
from tests.cast import crashing, half_done
from tests.people import make_run
from tests.web.handed_in import hand_in


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


def runs(database) -> list[GradingRun]:
    with database.reading() as session:
        return session.query(GradingRun).order_by(GradingRun.id).all()


def repeat(database, public_id, result, state=RunState.GRADED):
    """Store a replay of the submission's run, as a worker leaves it behind."""
    with database.writing() as session:
        submission = session.query(Submission).filter_by(public_id=public_id).one()
        first = session.query(GradingRun).filter_by(submission_id=submission.id, stands=True).one()
        fields = {"stands": False, "repeats_run_id": first.id, "seed": first.seed, "state": state}
        make_run(session, submission, result, reason=RunReason.REGRADE, **fields)


def test_a_replay_waits_with_the_same_seed_and_changes_nothing(client_of, database, world, queue):
    (public_id,) = hand_in(database, world, half_done())
    browser = client_of(world.tara)
    for _ in range(2):  # a second time while it waits makes no other
        assert browser.post(f"/submissions/{public_id}/replay").status_code == 303
    first, second = runs(database)
    assert (second.seed, second.repeats_run_id, second.stands) == (first.seed, first.id, False)
    assert (first.stands, queue.waiting) == (True, [second.id])
    with database.reading() as session:
        event = session.query(AuditEvent).one()
        assert (event.action, event.concerns_id) == ("run.replay", world.ada.id)
    assert "Waiting." in browser.get(f"/submissions/{public_id}/log").text
    for person in (world.ada, world.tara):
        assert "being graded again" not in client_of(person).get(f"/submissions/{public_id}").text


def test_a_replay_and_a_regrade_do_not_stand_in_for_each_other(client_of, database, world, queue):
    (public_id,) = hand_in(database, world, half_done())
    browser = client_of(world.tara)
    for act in ("replay", "regrade", "regrade", "replay"):
        browser.post(f"/submissions/{public_id}/{act}")
    assert [run.repeats_run_id for run in runs(database)] == [None, runs(database)[0].id, None]


def test_the_same_verdicts_are_told(client_of, database, world):
    (public_id,) = hand_in(database, world, half_done())
    repeat(database, public_id, replace(half_done(), provenance={}))
    page = client_of(world.tara).get(f"/submissions/{public_id}/log").text
    assert "The same verdicts, test by test." in page


def test_each_difference_is_told(client_of, database, world):
    (public_id,) = hand_in(database, world, half_done())
    repeat(database, public_id, crashing())
    page = client_of(world.tara).get(f"/submissions/{public_id}/log").text
    assert "Not the same:" in page
    assert "test_tanh: passed (1 points) → out_of_memory" in page
    assert "score: " in page


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.PROBLEM, RunState.CANCELLED])
def test_what_was_not_graded_is_not_replayed(client_of, database, world, state):
    (public_id,) = hand_in(database, world, state)
    browser = client_of(world.tara)
    assert browser.post(f"/submissions/{public_id}/replay").status_code == 303
    assert len(runs(database)) == 1
    assert "nothing to replay" in browser.get(f"/submissions/{public_id}/log").text


def test_the_log_shows_what_the_sandbox_stopped_and_all_provenance(client_of, database, world):
    (public_id,) = hand_in(database, world, crashing())
    page = client_of(world.tara).get(f"/submissions/{public_id}/log").text
    for part in ("ran out of memory", "too many processes", "SIGSEGV", "memory_bytes", "submission_digest"):
        assert part in page
