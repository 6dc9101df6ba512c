"""A run whose job is gone, or has died too often, is tried again and never waits for ever."""

from pathlib import Path

import sqlalchemy as sa
from dbos import DBOSClient

from grader.db.models import AttemptState, RunState
from grader.jobs.engine import MAX_RECOVERIES, job_id, open_client
from grader.jobs.failures import PAUSES_S
from grader.jobs.reconciliation import LOST, give_up_lost_runs
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service


def delete_job(url: str, run_id: int, tries: int = 0) -> None:
    client: DBOSClient = open_client(url)
    client.delete_workflow(job_id(run_id, tries))
    client.destroy()


def set_job(service: Service, url: str, run_id: int, **values: object) -> None:
    schema = None if url.startswith("sqlite") else "dbos"
    job = sa.table("workflow_status", sa.column("workflow_uuid"), *map(sa.column, values), schema=schema)
    with service.database.writing() as session:
        session.execute(sa.update(job).where(job.c.workflow_uuid == job_id(run_id, 0)).values(**values))


def test_a_run_without_a_job_gets_a_new_one(service: Service, url: str, new_worker: NewWorker):
    lost, fine = service.hand_in(), service.hand_in(service.world.ben)
    delete_job(url, lost)
    assert give_up_lost_runs(service.database, service.queue) == [lost]
    assert give_up_lost_runs(service.database, service.queue) == []
    assert service.run(lost).problem == LOST
    new_worker()
    for run_id in (lost, fine):
        service.wait_for(run_id, RunState.GRADED)
    assert (service.run(lost).tries, service.run(fine).tries) == (1, 0)


def test_a_worker_finds_it_by_itself(service: Service, url: str, new_worker: NewWorker):
    lost = service.hand_in()
    delete_job(url, lost)
    new_worker()
    service.wait_for(lost, RunState.GRADED)


def test_a_run_that_is_lost_again_and_again_is_a_problem(service: Service, url: str):
    run_id = service.hand_in()
    for tries in range(len(PAUSES_S) + 1):
        delete_job(url, run_id, tries)
        assert give_up_lost_runs(service.database, service.queue) == [run_id]
    run = service.run(run_id)
    assert (run.state, run.problem) == (RunState.PROBLEM, LOST)
    assert service.submission(run_id).attempt is AttemptState.REFUNDED
    assert give_up_lost_runs(service.database, service.queue) == []


def test_a_job_that_was_resumed_too_often_is_given_up(service: Service, url: str, new_worker: NewWorker):
    run_id = service.hand_in()
    set_job(service, url, run_id, recovery_attempts=MAX_RECOVERIES + 1)
    new_worker()
    run = service.wait_for(run_id, RunState.GRADED)
    assert run.tries == 1, "the first job was given up, the second one graded"


def test_a_job_whose_taking_got_lost_is_put_back(
    service: Service, url: str, new_worker: NewWorker, tmp_path: Path
):
    first = service.hand_in(wait_for=str(tmp_path / "go"))
    new_worker()
    worker_id = service.wait_for(first, RunState.RUNNING).worker_id
    second = service.hand_in(service.world.ben)
    set_job(service, url, second, status="PENDING", executor_id=worker_id)  # and the worker was never told
    (tmp_path / "go").touch()
    assert service.wait_for(second, RunState.GRADED).tries == 0
    assert service.run(first).fence == 1, "the job that was carried out was left alone"
