"""A newer submission takes the student's older ones out of the queue, where the course wants that."""

from datetime import timedelta

import pytest

from grader.db.base import now
from grader.db.models import AttemptState, CourseUnit, RunState
from grader.errors import RefusedError
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service, keep_what_waits


def test_what_still_waits_is_replaced(service: Service, new_worker: NewWorker):
    older, others = service.hand_in(), service.hand_in(service.world.ben)
    newer = service.hand_in()
    assert service.states([older, others, newer]) == [RunState.SUPERSEDED, RunState.QUEUED, RunState.QUEUED]
    assert service.submission(older).attempt is AttemptState.REFUNDED
    assert service.submission(newer).attempt is AttemptState.USED
    assert service.audit(older) == ["run.supersede"]
    new_worker()
    service.wait_for(newer, RunState.GRADED)
    assert service.run(older).state is RunState.SUPERSEDED


def test_the_last_attempt_can_be_replaced_while_it_waits(service: Service):
    with service.database.writing() as session:
        session.get_one(CourseUnit, service.world.unit.id).max_attempts = 1
    older, newer = service.hand_in(), service.hand_in()
    assert service.states([older, newer]) == [RunState.SUPERSEDED, RunState.QUEUED]


def test_a_refused_hand_in_replaces_nothing(service: Service):
    older = service.hand_in()
    with service.database.writing() as session:
        session.get_one(CourseUnit, service.world.unit.id).deadline_at = now() - timedelta(hours=1)
    with pytest.raises(RefusedError, match="until"):
        service.hand_in()
    assert service.states([older]) == [RunState.QUEUED]
    assert service.submission(older).attempt is AttemptState.USED


def test_what_runs_is_finished(service: Service, new_worker: NewWorker):
    older = service.hand_in(sleep_s=2)
    new_worker()
    service.wait_for(older, RunState.RUNNING)
    newer = service.hand_in()
    for run_id in (older, newer):
        service.wait_for(run_id, RunState.GRADED)


def test_a_course_may_want_all_of_them(service: Service):
    keep_what_waits(service)
    older, newer = service.hand_in(), service.hand_in()
    assert service.states([older, newer]) == [RunState.QUEUED, RunState.QUEUED]
