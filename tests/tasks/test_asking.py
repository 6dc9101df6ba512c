"""Asking for work: once per kind and subject, written down, and taken back."""

import threading

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import AuditEvent, Task, TaskKind, TaskState
from grader.jobs import liveness
from grader.tasks import cancel, holding, request
from tests.people import World, make_unit


def tasks(database: Database) -> list[Task]:
    with database.reading() as session:
        return list(session.scalars(sa.select(Task).order_by(Task.id)))


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)))


def test_who_asks_again_gets_the_one_that_is_under_way(database: Database, world: World):
    with database.writing() as session:
        other = make_unit(session, world.course, slug="nn-2")
        first = request(session, TaskKind.GATE, course_unit_id=world.unit.id, requested_by=world.ines)
        again = request(session, TaskKind.GATE, course_unit_id=world.unit.id, requested_by=world.tara)
        assert again is first
        assert request(session, TaskKind.SIMILARITY, course_unit_id=world.unit.id) is not first
        assert request(session, TaskKind.GATE, course_unit_id=other.id) is not first
        assert cancel(session, first, world.tara)
        assert not cancel(session, first, world.tara)
        assert request(session, TaskKind.GATE, course_unit_id=world.unit.id) is not first
    assert acts(database) == ["gate.start", "similarity.start", "gate.start", "gate.cancel", "gate.start"]


def test_two_who_ask_at_once_get_the_same(database: Database, world: World):
    ready = threading.Barrier(2)

    def ask() -> None:
        ready.wait()
        with database.writing() as session:
            request(session, TaskKind.GATE, course_unit_id=world.unit.id, requested_by=world.ines)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tasks(database)) == 1


def test_work_has_a_subject(database: Database, world: World):
    with database.writing() as session, pytest.raises(ValueError, match="about"):
        request(session, TaskKind.GATE)


def test_only_the_holder_of_the_newest_fence_writes(database: Database, world: World):
    with database.writing() as session:
        request(session, TaskKind.GATE, course_unit_id=world.unit.id)
    for worker in ("first", "second"):
        liveness.enter(database, worker, 1, "none")
    with database.writing() as session:
        held = holding.claim(session, "first")
        assert held is not None
        assert holding.claim(session, "second") is None
        assert holding.put_back_dropped(session) == 0
    liveness.mark_stopped(database, "first")
    with database.writing() as session:
        assert holding.put_back_dropped(session) == 1
        newer = holding.claim(session, "second")
        assert newer is not None
    with database.writing() as session:
        assert holding.lock_held(session, held.task_id, held.fence) is None
        holding.finish(session, held.task_id, held.fence, {"from": "the first"})
        holding.fail(session, held.task_id, held.fence, "late")
        holding.give_back(session, held)
        assert holding.is_held(session, newer)
        holding.finish(session, newer.task_id, newer.fence, {"from": "the second"})
    (task,) = tasks(database)
    assert (task.state, task.result, task.tries) == (TaskState.DONE, {"from": "the second"}, 1)


def test_a_worker_puts_back_what_it_holds_without_knowing(database: Database, world: World):
    """The connection broke while it took the task, or its process could not be started."""
    liveness.enter(database, "w1", slots=1, sandbox="none")
    with database.writing() as session:
        task_id = request(session, TaskKind.GATE, course_unit_id=world.unit.id).id
    fences = []
    for _ in range(holding.MAX_TRIES):
        with database.writing() as session:
            held = holding.claim(session, "w1")
            assert held is not None
            fences.append(held.fence)
        with database.writing() as session:
            assert holding.holds_any(session, "w1") and not holding.holds_any(session, "w2")
            assert holding.put_back_of(session, "w2") == 0
            assert holding.put_back_of(session, "w1") == 1
            assert not holding.holds_any(session, "w1")
    (task,) = tasks(database)
    assert (task.id, task.state, fences) == (task_id, TaskState.FAILED, [1, 2, 3])
