"""PostgreSQL restarts as after a crash while a run goes on: worker and run live through it."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from grader.db.models import RunState
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service
from tests.jobs.workers import wait_until
from tests.postgresql import PostgresServer


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "postgresql"


def test_a_run_goes_on(service: Service, new_worker: NewWorker, postgresql: PostgresServer, tmp_path: Path):
    waiting = service.hand_in(wait_for=str(tmp_path / "go"))
    worker = new_worker()
    service.wait_for(waiting, RunState.RUNNING)
    postgresql.restart()
    service.database.engine.dispose()
    next_one = service.hand_in(service.world.ben)
    (tmp_path / "go").touch()
    first = service.wait_for(waiting, RunState.GRADED)
    assert (first.fence, first.tries) == (1, 0)
    assert service.wait_for(next_one, RunState.GRADED).tries == 0
    assert worker.process.poll() is None


def test_one_that_reads_its_hand_in_reads_it_again(
    service: Service, new_worker: NewWorker, postgresql: PostgresServer
):
    run_id = service.hand_in()
    with service.database.engine.connect() as locking, service.database.engine.connect() as looking:
        locking.execute(sa.text("LOCK TABLE archives IN ACCESS EXCLUSIVE MODE"))
        new_worker()
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        wait_until(lambda: looking.execute(waiting).scalar_one() == 1, "the worker waits for the archive")
        assert service.run(run_id).state == RunState.RUNNING
        postgresql.restart()
        locking.invalidate()
        looking.invalidate()
    service.database.engine.dispose()
    run = service.wait_for(run_id, RunState.GRADED)
    assert (run.fence, run.tries) == (1, 0)
