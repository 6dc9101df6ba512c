"""The queue as staff of one course see it."""

from datetime import timedelta

import pytest

from grader.db.base import now
from grader.db.models import RunReason, RunState, Task, TaskKind, TaskState, Worker
from grader.jobs.queue_position import queue_position
from grader.jobs.waiting_line import SHOWN, waiting_line
from tests.people import World, make_run, make_submission, make_unit, make_world


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def world(database) -> World:
    return make_world(database)


def add_worker(session, worker_id="w", slots=1):
    session.add(Worker(id=worker_id, host="h", pid=1, process="m/1:1", slots=slots, sandbox="docker"))
    session.flush()


def test_own_by_name_others_by_number_and_places_over_all(database, world):
    at = now()
    with database.writing() as session:
        theirs = make_unit(session, world.other_course)
        make_run(session, make_submission(session, world.unit, world.ada))  # says how long runs take
        for seconds, unit, person, fields in (
            (50, world.unit, world.ada, {"reason": RunReason.REGRADE}),
            (40, world.unit, world.ada, {"priority": 2}),
            (30, theirs, world.cora, {}),
            (20, world.unit, world.ben, {}),
        ):
            submission = make_submission(session, unit, person)
            queued_at = at - timedelta(seconds=seconds)
            make_run(session, submission, state=RunState.QUEUED, queued_at=queued_at, **fields)
        add_worker(session)
        running = make_submission(session, theirs, world.cora)
        make_run(session, running, state=RunState.RUNNING, worker_id="w")
    with database.reading() as session:
        line = waiting_line(session, world.course.id)
        names = [(place.position, place.run.submission.user.name) for place in line.places]
        assert names == [(2, "Ben Okri"), (3, "Ada Byron"), (4, "Ada Byron")]
        assert [place.run.reason for place in line.places][-1] is RunReason.REGRADE
        assert (line.waiting_here, line.waiting_elsewhere) == (3, 1)
        assert line.oldest_at == at - timedelta(seconds=50)
        assert (line.running, line.running_elsewhere, line.running_by_worker["w"]) == ((), 1, 1)
        for place in line.places:
            one = queue_position(session, place.run)
            assert one.position == place.position
            assert one.expected_start_s == pytest.approx(place.expected_start_s, abs=1)


def test_a_long_line_is_cut_but_counted(database, world):
    with database.writing() as session:
        for _ in range(SHOWN + 3):
            make_run(session, make_submission(session, world.unit, world.ada), state=RunState.QUEUED)
    with database.reading() as session:
        line = waiting_line(session, world.course.id)
    assert (len(line.places), line.waiting_here) == (SHOWN, SHOWN + 3)
    assert all(place.expected_start_s is None for place in line.places)  # no worker lives


def test_nothing_at_all(database, world):
    with database.reading() as session:
        line = waiting_line(session, world.course.id)
    assert (line.places, line.running, line.oldest_at, line.tasks) == ((), (), None, ())


def test_other_work_of_the_course_until_it_is_done(database, world):
    with database.writing() as session:
        theirs = make_unit(session, world.other_course)
        for unit, state in (
            (world.unit, TaskState.RUNNING),
            (world.unit, TaskState.DONE),
            (theirs, TaskState.QUEUED),
        ):
            task = Task(kind=TaskKind.GATE, course_unit_id=unit.id, state=state, arguments={}, progress={})
            session.add(task)
    with database.reading() as session:
        (task,) = waiting_line(session, world.course.id).tasks
        assert task.course_unit.id == world.unit.id
