"""/courses/<course>/queue: what waits and runs, who works, how the day went, what went wrong."""

import os
from datetime import timedelta

import pytest

from grader.db.base import now
from grader.db.models import RunState, Task, TaskKind, Worker
from grader.jobs.liveness import process_name
from grader.web.staff.health import length
from tests.cast import reference
from tests.people import make_run, make_submission, make_unit
from tests.web.handed_in import hand_in

URL = "/courses/dl/queue"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


def add_worker(database, **fields):
    usual = {
        "id": "w",
        "host": "grade-7",
        "pid": os.getpid(),
        "process": process_name(os.getpid()) or "",
        "slots": 3,
        "sandbox": "bubblewrap",
        "warm_examiners": 2,
    }
    with database.writing() as session:
        session.add(Worker(**{**usual, **fields}))


def test_nothing_happens_and_nobody_works(client_of, world):
    found = client_of(world.tara).get(URL).text
    for said in ("nothing waits", "No worker is alive", "None is alive", "Nothing came in", "has met one"):
        assert said in found


def test_own_hand_ins_by_name_others_only_counted(client_of, database, world):
    add_worker(database)
    with database.writing() as session:
        theirs = make_unit(session, world.other_course, title="Secret unit")
        for state in (RunState.QUEUED, RunState.RUNNING, RunState.PROBLEM):
            make_run(session, make_submission(session, theirs, world.cora), state=state)
    hand_in(database, world, RunState.QUEUED)
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ben)
        make_run(session, submission, state=RunState.RUNNING, worker_id="w")
    found = client_of(world.tara).get(URL).text
    assert "Ada Byron" in found
    assert f'<a href="/submissions/{submission.public_id}">Ben Okri' in found
    assert "And 1 hand-in of other courses." in found
    assert "1 hand-in of others wait" in found
    for other in ("Cora", "Secret unit"):
        assert other not in found
    for said in ("grade-7", "bubblewrap", ">3</td>", ">2</td>", "in 3 slots of 1 worker"):
        assert said in found


def test_a_worker_that_is_silent_or_has_stopped_is_not_shown(client_of, database, world):
    add_worker(database, id="silent", host="grade-8", heartbeat_at=now() - timedelta(minutes=5))
    add_worker(database, id="stopped", host="grade-9", stopped_at=now())
    found = client_of(world.tara).get(URL).text
    assert "grade-8" not in found
    assert "grade-9" not in found
    assert "No worker is alive" in found


def test_the_day_the_problems_and_other_work(client_of, database, world):
    hand_in(database, world, reference())
    (failed,) = hand_in(database, world, RunState.PROBLEM, person=world.ben)
    with database.writing() as session:
        session.add(
            Task(
                kind=TaskKind.SIMILARITY,
                course_unit_id=world.unit.id,
                arguments={},
                progress={},
                requested_by_id=world.ines.id,
            )
        )
    found = client_of(world.tara).get(URL).text
    assert "Hand-ins per hour" in found
    assert "From hand-in to start" in found
    problems = found[found.index('id="problems"') :]
    assert f"/submissions/{failed}" in problems
    assert "similarity" in found
    assert "Ines Sol" in found


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (-3, "0 s"),
        (59.6, "1 min 0 s"),
        (185, "3 min 5 s"),
        (7440, "2 h 4 min"),
        (90000, "1 d 1 h"),
        (None, "–"),
    ],
)
def test_lengths_of_time(seconds, said):
    assert length(seconds) == said
