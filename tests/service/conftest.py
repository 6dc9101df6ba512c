"""Tests of running the service: an installation of their own, in a folder of its own, on SQLite."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from grader.db.database import Database
from tests.command import grader
from tests.databases import database, empty_url, migrated_url, postgresql
from tests.people import World, cheap_hashing, make_world

__all__ = ["cheap_hashing", "database", "empty_url", "migrated_url", "postgresql"]

Command = Callable[..., Result]


@pytest.fixture(scope="session", params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test says `parametrize("database_kind", KINDS, indirect=True)`."""
    return request.param


@pytest.fixture
def url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def command(url: str, tmp_path: Path) -> Command:
    """`grader` on this test's own database and data folder."""

    def run(*arguments: object, stdin: str | None = None, **settings: str) -> Result:
        chosen = {"data_dir": str(tmp_path / "data"), "database_url": url, **settings}
        return grader(*arguments, env={f"GRADER_{k.upper()}": v for k, v in chosen.items()}, stdin=stdin)

    return run
