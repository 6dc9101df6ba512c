"""A world whose hand-ins are counted, on each kind of database."""

import pytest

from grader.db.database import Database
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.people import World, make_world

__all__ = ["database", "database_kind", "empty_url", "migrated_url", "postgresql"]


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)
