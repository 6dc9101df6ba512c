"""The service on an empty database, as its benchmarks start it and stop it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.service.processes import (
    Process,
    free_address,
    wait_until_ready,
    wait_until_serving,
    web_process,
    worker_process,
)
from grader.db import migration
from grader.db.database import Database, open_database
from grader.jobs.engine import prepare_job_tables
from grader.settings import load_settings
from tests.postgresql import postgres_server

DATABASES = ("sqlite", "postgresql")
GRADINGS = ("acted", "real")


@dataclass(frozen=True)
class Ground:
    """An empty database, and a folder; `restart` restarts the database's server as a crash would."""

    folder: Path
    url: str
    database: Database
    restart: Callable[[], None] | None


@dataclass(frozen=True)
class Running:
    """The web server, which listens at `address`, and a worker; both are killed in the end."""

    address: str
    data_dir: Path
    web: Process
    worker: Process


@contextmanager
def empty_database(kind: str) -> Iterator[Ground]:
    """Make a database of this kind with the newest tables; all is gone in the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-bench-")))
        url, restart = f"sqlite:///{folder}/grader.sqlite", None
        if kind == "postgresql":
            server = stack.enter_context(postgres_server())
            url, restart = server.url("postgres"), server.restart
        database = open_database(url)
        stack.callback(database.close)
        migration.upgrade(database)
        prepare_job_tables(url)
        yield Ground(folder, url, database, restart)


@contextmanager
def running_service(ground: Ground, grading: str) -> Iterator[Running]:
    """Start web server and worker, and wait until both are at work; `grading` is acted or real.

    Real grading uses this installation's data folder, in which sandboxes and MNIST are.
    """
    address = free_address()
    data_dir = load_settings().data_dir if grading == "real" else ground.folder / "data"
    environment = {
        "GRADER_DATABASE_URL": ground.url,
        "GRADER_LISTEN": address,
        "GRADER_PUBLIC_URL": f"http://{address}",
        "GRADER_DATA_DIR": str(data_dir),
        "OMP_NUM_THREADS": "1",
    }
    running = Running(
        address,
        data_dir,
        web_process(environment, ground.folder / "web.log"),
        worker_process(grading, environment, ground.folder / "worker.log"),
    )
    with ExitStack() as stack:
        for process in (running.web, running.worker):
            process.start()
            stack.callback(process.kill)
        wait_until_serving(f"http://{address}")
        wait_until_ready(running.worker)
        yield running
