"""PostgreSQL restarts as after a crash while a run goes on: worker and run live through it."""

from pathlib import Path

import pytest

from grader.db.models import RunState
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service
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
