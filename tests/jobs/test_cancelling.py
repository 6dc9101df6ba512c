"""Cancelling: a run that waits gives its attempt back, one that runs is stopped, one that is over stays."""

from grader.db.models import AttemptState, GradingRun, RunEvent, RunState
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service


def cancel(service: Service, run_id: int) -> bool:
    with service.database.writing() as session:
        run = session.get_one(GradingRun, run_id)
        return service.queue.cancel(session, run, service.world.ada, "192.0.2.7")


def test_a_waiting_run_is_never_graded(service: Service, new_worker: NewWorker):
    cancelled, other = service.hand_in(), service.hand_in(service.world.ben)
    assert cancel(service, cancelled)
    assert service.submission(cancelled).attempt is AttemptState.REFUNDED
    assert service.audit(cancelled) == ["run.cancel"]
    new_worker()
    service.wait_for(other, RunState.GRADED)
    run = service.run(cancelled)
    assert (run.state, run.fence) == (RunState.CANCELLED, 0)
    assert run.finished_at is not None


def test_a_running_run_is_stopped(service: Service, new_worker: NewWorker):
    cancelled = service.hand_in(sleep_s=3600)
    new_worker()
    service.wait_for(cancelled, RunState.RUNNING)
    assert cancel(service, cancelled)
    assert service.submission(cancelled).attempt is AttemptState.USED
    other = service.hand_in(service.world.ben)
    service.wait_for(other, RunState.GRADED)  # the only slot is free again
    assert service.run(cancelled).state is RunState.CANCELLED
    assert service.reports(cancelled) == []
    with service.database.reading() as session:
        assert session.query(RunEvent).count() == 0


def test_what_is_over_can_not_be_cancelled(service: Service, new_worker: NewWorker):
    run_id = service.hand_in()
    new_worker()
    service.wait_for(run_id, RunState.GRADED)
    assert not cancel(service, run_id)
    assert service.run(run_id).state is RunState.GRADED
    assert service.audit(run_id) == []
