"""Fixtures: databases with the newest schema, on SQLite and on PostgreSQL.

A database is migrated once per kind and then copied for each test that wants one. On PostgreSQL a copy is
hundreds of files, so a database is emptied and given to the next test, unless there is more in it than rows.
"""

import contextlib
import itertools
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from grader.db import migration
from grader.db.base import Base
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


@pytest.fixture
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


@pytest.fixture
def migrated_url(database_kind: str, empty_url: NewUrl, request: pytest.FixtureRequest) -> NewUrl:
    """Makes a new database with the newest schema and returns its URL."""

    def make() -> str:
        if database_kind == "sqlite":
            url = empty_url()
            shutil.copyfile(_file(_template("sqlite", empty_url)), _file(url))
            return url
        server: PostgresServer = request.getfixturevalue("postgresql")
        template = _template(server.url(""), empty_url)
        name = f"migrated_{next(_numbers)}"
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template.rpartition('/')[2]}")
        return server.url(name)

    return make


@pytest.fixture
def database(database_kind: str, migrated_url: NewUrl, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of the test's own, with the newest schema and no rows."""
    if database_kind == "sqlite":
        with contextlib.closing(open_database(migrated_url())) as opened:
            yield opened
        return
    reusable = _emptied[request.getfixturevalue("postgresql").url("")]
    url = reusable.pop() if reusable else migrated_url()
    with contextlib.closing(open_database(url)) as opened:
        yield opened
    if _empty(url):
        reusable.append(url)


_templates: dict[str, str] = {}  # URLs of databases that were migrated, by place: SQLite, or a server's URL
_emptied: dict[str, list[str]] = defaultdict(
    list
)  # of a server: those that have no rows and that nobody uses


def _template(place: str, empty_url: NewUrl) -> str:
    if place not in _templates:
        url = empty_url()
        with contextlib.closing(open_database(url)) as database:
            migration.upgrade(database)
        _templates[place] = url
    return _templates[place]


def _empty(url: str) -> bool:
    """Delete all rows, if nobody is connected and the schema is the newest, and the only one."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        if not migration.is_current(Database(engine)):
            return False
        with engine.begin() as connection:
            if connection.scalar(sa.text(_OTHER_SCHEMAS)) or not _is_alone(connection):
                return False
            connection.exec_driver_sql("; ".join(_deletions(connection)))
    except sa.exc.DBAPIError:  # the test has dropped the database, or some of its tables
        return False
    return True


def _is_alone(connection: sa.Connection) -> bool:
    """Whether all others have gone; the server needs a moment to see that a connection was closed."""
    for _ in range(50):
        if not connection.scalar(sa.text(_OTHERS)):
            return True
        time.sleep(0.01)
    return False


def _deletions(connection: sa.Connection) -> list[str]:
    return [
        "SET LOCAL session_replication_role = replica",  # in any order, whatever triggers forbid
        *(f'DELETE FROM "{table.name}"' for table in Base.metadata.sorted_tables),
        *(f'ALTER SEQUENCE "{name}" RESTART' for name in connection.scalars(sa.text(_USED_SEQUENCES))),
    ]


_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_OTHER_SCHEMAS = """
    SELECT count(*) FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'information_schema')
"""
_USED_SEQUENCES = (
    "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
