"""Finished jobs and failed sign-ins go after a day, progress with its run; runs and reports stay."""

from datetime import timedelta

import sqlalchemy as sa

from grader.db.base import now
from grader.db.models import GradingRun, RunEvent, RunState, SignInAttempt
from grader.jobs.engine import job_id, open_client
from grader.jobs.retention import JOBS_KEPT, forget_rows
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service
from tests.jobs.workers import wait_until


def jobs(url: str) -> set[str]:
    client = open_client(url)
    found = {job.workflow_id for job in client.list_workflows()}
    client.destroy()
    return found


def test_old_jobs_go_and_new_ones_stay(service: Service, url: str, new_worker: NewWorker):
    old, new = service.hand_in(), service.hand_in(service.world.ben)
    worker = new_worker()
    for run_id in (old, new):
        service.wait_for(run_id, RunState.GRADED)
    worker.kill()
    waiting = service.hand_in()
    table = "workflow_status" if url.startswith("sqlite") else "dbos.workflow_status"
    a_day_ms = int(JOBS_KEPT.total_seconds() * 1000)
    with service.database.writing() as session:
        session.execute(
            sa.text(f"UPDATE {table} SET completed_at = completed_at - :day WHERE workflow_uuid = :job"),
            {"day": a_day_ms, "job": job_id(old, 0)},
        )
    new_worker()  # forgets when it starts
    wait_until(lambda: job_id(old, 0) not in jobs(url), "the old job is deleted")
    assert {job_id(new, 0), job_id(waiting, 0)} <= jobs(url)
    assert len(service.reports(old)) == 1
    service.wait_for(waiting, RunState.GRADED)


def test_old_failed_sign_ins_and_progress_of_finished_runs_go(service: Service):
    over, waiting = service.hand_in(service.world.ben), service.hand_in()
    with service.database.writing() as session:
        session.get_one(GradingRun, over).state = RunState.CANCELLED
        for run_id in (over, waiting):
            session.add(RunEvent(run_id=run_id, fence=0, number=1, kind="phase", data={}))
        for hours in (23, 25):
            at = now() - timedelta(hours=hours)
            session.add(SignInAttempt(email=f"{hours}@example.org", address="192.0.2.7", at=at))
        session.get_one(GradingRun, waiting).state = RunState.RUNNING
    forget_rows(service.database)
    with service.database.reading() as session:
        assert session.scalars(sa.select(RunEvent.run_id)).all() == [waiting]
        assert session.scalars(sa.select(SignInAttempt.email)).all() == ["23@example.org"]
