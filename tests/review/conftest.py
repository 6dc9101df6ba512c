"""Review needs no more than SQLite."""

import pytest

from grader.db.database import Database
from tests.databases import database, empty_url, migrated_url
from tests.people import World, make_world

__all__ = ["database", "empty_url", "migrated_url"]


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)
