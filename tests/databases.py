"""Fixtures: databases with the newest schema, on SQLite and on PostgreSQL.

A database is migrated once per kind and then copied for each test that wants one.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.db import migration
from grader.db.database import Database, open_database
from tests.postgresql import PostgresServer, postgres_server, programs

KINDS = ("sqlite", "postgresql")
NewUrl = Callable[[], str]

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed: run `make setup`")
    with postgres_server(syncs=False) as server:
        yield server


@pytest.fixture(scope="session", params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def empty_url(
    database_kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> NewUrl:
    """Makes a new empty database and returns its URL."""

    def make() -> str:
        if database_kind == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('db')}/grader.sqlite"
        server: PostgresServer = request.getfixturevalue("postgresql")
        name = f"empty_{next(_numbers)}"
        server.execute(f"CREATE DATABASE {name}")
        return server.url(name)

    return make


@pytest.fixture(scope="session")
def migrated_url(database_kind: str, empty_url: NewUrl, request: pytest.FixtureRequest) -> NewUrl:
    """Makes a new database with the newest schema and returns its URL."""
    template = empty_url()
    database = open_database(template)
    migration.upgrade(database)
    database.close()

    def make() -> str:
        if database_kind == "sqlite":
            url = empty_url()
            shutil.copyfile(_file(template), _file(url))
            return url
        server: PostgresServer = request.getfixturevalue("postgresql")
        name = f"migrated_{next(_numbers)}"
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template.rpartition('/')[2]}")
        return server.url(name)

    return make


@pytest.fixture
def database(migrated_url: NewUrl) -> Iterator[Database]:
    """A database of the test's own, with the newest schema and no rows."""
    opened = open_database(migrated_url())
    yield opened
    opened.close()


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
