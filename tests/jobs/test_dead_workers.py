"""kill -9 of a worker: its runs are resumed by another one, once, and a late result counts for nothing."""

import signal
from pathlib import Path

import sqlalchemy as sa

from grader.db.models import AttemptState, GradingRun, RunEvent, RunState, Worker
from grader.jobs.liveness import mark_stopped
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service
from tests.jobs.workers import wait_until


def living_workers(service: Service) -> set[str]:
    with service.database.reading() as session:
        return set(session.scalars(sa.select(Worker.id).where(Worker.stopped_at.is_(None))))


def progress_of(service: Service, run_id: int) -> list[RunEvent]:
    with service.database.reading() as session:
        return list(session.scalars(sa.select(RunEvent).where(RunEvent.run_id == run_id)))


def test_another_worker_resumes_what_a_killed_one_had(
    service: Service, new_worker: NewWorker, tmp_path: Path
):
    killed = new_worker()
    run_id = service.hand_in(wait_for=str(tmp_path / "go"))
    first = service.wait_for(run_id, RunState.RUNNING)
    new_worker()
    killed.kill()
    wait_until(lambda: service.run(run_id).fence == 2, "the run is taken again")
    (tmp_path / "go").touch()
    run = service.wait_for(run_id, RunState.GRADED)
    assert run.worker_id != first.worker_id
    assert run.fence == 2, "resumed once"
    assert run.tries == 0, "a worker's death is no failed try"
    assert len(service.reports(run_id)) == 1
    assert first.worker_id not in living_workers(service)


def test_a_worker_started_later_resumes_it_too(service: Service, new_worker: NewWorker, tmp_path: Path):
    killed = new_worker(slots=2)
    runs = [
        service.hand_in(user, wait_for=str(tmp_path / "go"))
        for user in (service.world.ada, service.world.ben)
    ]
    for run_id in runs:
        service.wait_for(run_id, RunState.RUNNING)
    killed.kill()
    (tmp_path / "go").touch()
    new_worker()
    for run_id in runs:
        assert service.wait_for(run_id, RunState.GRADED).fence == 2
        assert len(service.reports(run_id)) == 1


def test_what_a_dead_worker_had_waits_again_and_can_be_cancelled_at_no_cost(
    service: Service, new_worker: NewWorker, tmp_path: Path
):
    killed = new_worker()
    run_id = service.hand_in(wait_for=str(tmp_path / "go"))
    service.wait_for(run_id, RunState.RUNNING)
    wait_until(lambda: progress_of(service, run_id), "there is progress to see")
    bens = service.hand_in(service.world.ben, wait_for=str(tmp_path / "go"))
    new_worker()
    service.wait_for(bens, RunState.RUNNING)  # so the other worker has no slot free
    killed.kill()
    run = service.wait_for(run_id, RunState.QUEUED)
    assert (run.worker_id, run.started_at, run.tries) == (None, None, 0)
    assert progress_of(service, run_id) == []
    with service.database.writing() as session:
        assert service.queue.cancel(session, session.get_one(GradingRun, run_id), service.world.ada)
    assert service.submission(run_id).attempt is AttemptState.REFUNDED
    (tmp_path / "go").touch()
    service.wait_for(bens, RunState.GRADED)
    assert service.run(run_id).state is RunState.CANCELLED


def test_a_worker_taken_for_dead_publishes_nothing_and_ends(
    service: Service, new_worker: NewWorker, tmp_path: Path
):
    stalled = new_worker()
    run_id = service.hand_in(wait_for=str(tmp_path / "go"))
    stalled_id = service.wait_for(run_id, RunState.RUNNING).worker_id
    assert stalled_id is not None
    with service.database.writing() as session:
        session.get_one(Worker, stalled_id, with_for_update=True)  # so it is stopped while it holds no lock
        stalled.send(signal.SIGSTOP)
    mark_stopped(service.database, stalled_id)  # as another worker does once the heart stands still
    new_worker()
    (tmp_path / "go").touch()
    run = service.wait_for(run_id, RunState.GRADED)
    assert run.worker_id != stalled_id
    stalled.send(signal.SIGCONT)
    assert stalled.ended() == 1
    with service.database.reading() as session:
        after = session.get_one(GradingRun, run_id)
        assert (after.fence, after.worker_id, after.finished_at) == (2, run.worker_id, run.finished_at)
    assert len(service.reports(run_id)) == 1
