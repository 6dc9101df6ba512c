"""A database with the job engine's tables, the cast of people, and workers whose tasks are acted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.db.database import Database
from grader.db.models import Task, TaskKind, TaskState
from grader.jobs.engine import prepare_job_tables
from grader.tasks import request
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.jobs.workers import WorkerProcess, start_worker, wait_until
from tests.people import World, make_world

__all__ = ["database", "database_kind", "empty_url", "migrated_url", "postgresql"]

NewWorker = Callable[[], WorkerProcess]
NewTask = Callable[..., int]


@pytest.fixture
def url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def new_task(database: Database, world: World) -> NewTask:
    """Asks for a task of the unit whose work is acted as its arguments say; returns its id."""

    def ask(**arguments: object) -> int:
        with database.writing() as session:
            return request(
                session,
                TaskKind.GATE,
                course_unit_id=world.unit.id,
                arguments=arguments,
                requested_by=world.ines,
            ).id

    return ask


@pytest.fixture
def new_worker(url: str, tmp_path: Path) -> Iterator[NewWorker]:
    prepare_job_tables(url)
    workers: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        workers.append(start_worker(url, 1, "tests.tasks.acting_worker", GRADER_DATA_DIR=str(tmp_path)))
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()
        assert worker.process.stdout is not None
        worker.process.stdout.close()


def task_of(database: Database, task_id: int) -> Task:
    with database.reading() as session:
        return session.get_one(Task, task_id)


def wait_for(database: Database, task_id: int, *states: TaskState) -> Task:
    wait_until(lambda: task_of(database, task_id).state in states, f"task {task_id} is {' or '.join(states)}")
    return task_of(database, task_id)
