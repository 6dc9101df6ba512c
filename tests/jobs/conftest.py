"""A database with the job engine's tables, a queue, the cast of people, workers that end with the test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.db.database import Database
from grader.jobs.engine import prepare_job_tables
from grader.jobs.queue import JobQueue
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.jobs.service import Service
from tests.jobs.workers import WorkerProcess, start_worker
from tests.leftovers import only_our_leftovers
from tests.people import World, make_world

__all__ = ["database", "database_kind", "empty_url", "migrated_url", "only_our_leftovers", "postgresql"]

NewWorker = Callable[..., WorkerProcess]


@pytest.fixture
def url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def queue(url: str) -> Iterator[JobQueue]:
    prepare_job_tables(url)
    opened = JobQueue(url)
    yield opened
    opened.close()


@pytest.fixture
def service(database: Database, queue: JobQueue, world: World) -> Service:
    return Service(database, queue, world)


@pytest.fixture
def new_worker(url: str, tmp_path: Path, queue: JobQueue) -> Iterator[NewWorker]:
    """Starts a worker with the acting grader."""
    workers: list[WorkerProcess] = []

    def start(slots: int = 1) -> WorkerProcess:
        workers.append(start_worker(url, slots, GRADER_DATA_DIR=str(tmp_path)))
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()
        assert worker.process.stdout is not None
        worker.process.stdout.close()
