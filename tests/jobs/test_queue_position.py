"""A waiting run's position, and when it may begin."""

from datetime import timedelta

import pytest

from grader.db.base import now
from grader.db.models import GradingRun, RunReason, RunState
from grader.jobs import liveness
from grader.jobs.queue_position import QueuePosition, queue_position
from tests.jobs.service import Service
from tests.people import make_person, make_run, make_submission


def position(service: Service, run_id: int) -> QueuePosition:
    with service.database.reading() as session:
        return queue_position(session, session.get_one(GradingRun, run_id))


def graded_before(service: Service, *durations_s: float) -> None:
    with service.database.writing() as session:
        for duration_s in durations_s:
            submission = make_submission(session, service.world.unit, service.world.ines)
            started_at = now() - timedelta(hours=2)
            make_run(
                session,
                submission,
                started_at=started_at,
                finished_at=started_at + timedelta(seconds=duration_s),
            )


def others_waiting(service: Service, count: int) -> None:
    with service.database.writing() as session:
        for number in range(count):
            person = make_person(session, f"Student{number} Sample")
            make_run(session, make_submission(session, service.world.unit, person), state=RunState.QUEUED)


def test_the_first_with_a_free_slot_begins_now(service: Service):
    graded_before(service, 10.0)
    liveness.enter(service.database, "worker", slots=1, sandbox="none")
    assert position(service, service.hand_in()) == QueuePosition(1, 0.0)


def test_those_ahead_share_the_slots(service: Service):
    graded_before(service, 8.0, 10.0, 90.0)
    liveness.enter(service.database, "worker", slots=2, sandbox="none")
    others_waiting(service, 4)
    assert position(service, service.hand_in()) == QueuePosition(5, 20.0)


def test_a_stopped_worker_grades_nothing(service: Service):
    graded_before(service, 10.0)
    liveness.enter(service.database, "worker", slots=2, sandbox="none")
    liveness.mark_stopped(service.database, "worker")
    assert position(service, service.hand_in()) == QueuePosition(1, None)


def test_without_any_experience_no_time_is_named(service: Service):
    liveness.enter(service.database, "worker", slots=1, sandbox="none")
    others_waiting(service, 2)
    assert position(service, service.hand_in()) == QueuePosition(3, None)


def test_a_run_under_way_is_counted_with_what_it_has_left(service: Service):
    graded_before(service, 1000.0)
    liveness.enter(service.database, "worker", slots=1, sandbox="none")
    with service.database.writing() as session:
        make_run(
            session,
            make_submission(session, service.world.unit, service.world.ben),
            state=RunState.RUNNING,
            started_at=now() - timedelta(seconds=400),
        )
    found = position(service, service.hand_in())
    assert found.position == 1
    assert found.expected_start_s == pytest.approx(600.0, abs=120.0)


def test_a_lower_priority_number_goes_first_and_regrades_last(service: Service):
    others_waiting(service, 2)
    with service.database.writing() as session:
        busy = make_run(
            session,
            make_submission(session, service.world.unit, service.world.ben),
            state=RunState.QUEUED,
            priority=5,
        ).id
        regrade = make_run(
            session,
            make_submission(session, service.world.unit, service.world.cora),
            state=RunState.QUEUED,
            reason=RunReason.REGRADE,
            queued_at=now() - timedelta(hours=1),
        ).id
    mine = service.hand_in()
    assert [position(service, run_id).position for run_id in (mine, busy, regrade)] == [3, 4, 5]
