"""Progress that is written while somebody ends the run: nothing of it stays behind."""

import pytest
import sqlalchemy as sa

from grader.db.models import GradingRun, RunEvent, RunState
from grader.jobs import liveness
from grader.jobs.claiming import claim
from grader.jobs.progress import Progress
from grader.judging.events import PhaseStarted
from tests.jobs.service import Service
from tests.jobs.workers import wait_until


@pytest.fixture(scope="session")
def database_kind() -> str:
    """On SQLite only one writes at a time."""
    return "postgresql"


def test_who_ends_the_run_meanwhile_leaves_nothing_behind(service: Service):
    run_id = service.hand_in()
    liveness.enter(service.database, "worker", slots=1, sandbox="none")
    with service.database.writing() as session:
        claimed = claim(session, run_id, 0, "worker")
    assert claimed is not None
    with Progress(service.database, claimed) as progress:
        with service.database.writing() as session:
            run = session.get_one(GradingRun, run_id, with_for_update=True)
            progress.on_event(PhaseStarted("public", "Public tests"))
            waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            wait_until(lambda: session.scalar(waiting), "it waits to write")
            session.execute(sa.delete(RunEvent))
            run.state = RunState.CANCELLED
        wait_until(progress.is_lost, "it is known")
    with service.database.reading() as session:
        assert session.query(RunEvent).count() == 0
