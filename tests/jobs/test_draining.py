"""SIGTERM: a worker finishes what it has and ends; a second one ends it at once, and nothing is lost."""

import signal
from pathlib import Path

import sqlalchemy as sa

from grader.db.models import RunState, Worker
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service
from tests.jobs.workers import wait_until


def test_what_runs_is_finished_and_nothing_new_begun(service: Service, new_worker: NewWorker, tmp_path: Path):
    worker = new_worker()
    running = service.hand_in(wait_for=str(tmp_path / "go"))
    service.wait_for(running, RunState.RUNNING)
    worker.send(signal.SIGTERM)
    waiting = service.hand_in(service.world.ben)
    (tmp_path / "go").touch()
    assert worker.ended() == 0
    assert service.states([running, waiting]) == [RunState.GRADED, RunState.QUEUED]
    with service.database.reading() as session:
        assert session.scalars(sa.select(Worker)).one().stopped_at is not None


def test_an_idle_worker_ends(new_worker: NewWorker):
    worker = new_worker()
    worker.send(signal.SIGINT)
    assert worker.ended() == 0


def test_the_second_signal_ends_it_at_once(service: Service, new_worker: NewWorker, tmp_path: Path):
    worker = new_worker()
    run_id = service.hand_in(wait_for=str(tmp_path / "go"))
    service.wait_for(run_id, RunState.RUNNING)
    worker.send(signal.SIGTERM)
    wait_until(lambda: _handled(worker.pid), "the first signal is taken")
    worker.send(signal.SIGTERM)
    assert worker.ended() == 1
    (tmp_path / "go").touch()
    new_worker()
    assert service.wait_for(run_id, RunState.GRADED).fence == 2


def _handled(pid: int) -> bool:
    """Whether no signal is pending for the process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    pending = [line.split()[1] for line in status.splitlines() if line.startswith(("SigPnd", "ShdPnd"))]
    return all(int(mask, 16) == 0 for mask in pending)
