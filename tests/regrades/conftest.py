"""A database with people, and a course whose grading is acted."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.db.database import Database
from grader.settings import Settings
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.people import World, make_world
from tests.regrades.acted import Acted, copy_unit, failing

__all__ = ["database", "database_kind", "empty_url", "migrated_url", "postgresql"]


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def acted(database: Database, world: World, tmp_path: Path) -> Acted:
    """Everybody gets full points until a test says otherwise."""
    settings = replace(Settings(), units_root=copy_unit(tmp_path / "on_disk"), data_dir=tmp_path / "data")
    return Acted(database, settings, world, lambda email, unit: failing())
