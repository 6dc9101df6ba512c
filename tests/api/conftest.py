"""The app with a real queue but no worker, and clients with tokens of the cast.

`client_of(person, *scopes)` asks with a fresh token; `client_of(None)` without. The API's behaviour does
not depend on the kind of database, but for its queries: those have a test of their own on both.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from grader.db import migration
from grader.db.database import Database, open_database
from grader.db.models import Scope, User
from grader.jobs.engine import prepare_job_tables
from grader.jobs.queue import JobQueue
from grader.settings import Settings
from grader.web.app import create_app
from tests.api.client import ApiClient, new_token
from tests.people import World, make_world

ClientOf = Callable[..., ApiClient]


@pytest.fixture(scope="session")
def empty_service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables, those of jobs too, to be copied."""
    path = tmp_path_factory.mktemp("service") / "grader.sqlite"
    database = open_database(f"sqlite:///{path}")
    migration.upgrade(database)
    database.close()
    prepare_job_tables(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(empty_service: Path, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{shutil.copyfile(empty_service, tmp_path / 'grader.sqlite')}")
    yield opened
    opened.close()


@pytest.fixture
def queue(database: Database) -> Iterator[JobQueue]:
    opened = JobQueue(database.engine.url.render_as_string(hide_password=False))
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, public_url="https://grader.example.org")


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def app(settings: Settings, database: Database, queue: JobQueue) -> Flask:
    made = create_app(settings, database, queue)
    made.config.update(TESTING=True)
    return made


@pytest.fixture
def client_of(app: Flask, database: Database) -> ClientOf:
    def client(person: User | None, *scopes: Scope) -> ApiClient:
        if person is None:
            return ApiClient(app)
        return ApiClient(app, new_token(database, person, *(scopes or (Scope.SUBMIT,))))

    return client


@pytest.fixture
def ada(client_of: ClientOf, world: World) -> ApiClient:
    """A student, with a token to hand in."""
    return client_of(world.ada)


@pytest.fixture
def tara(client_of: ClientOf, world: World) -> ApiClient:
    """A TA, with a token of both scopes."""
    return client_of(world.tara, Scope.SUBMIT, Scope.STAFF)
