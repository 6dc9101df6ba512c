"""A database with people, and a units root of the test's own to change."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grader.db.database import Database
from grader.settings import CHECKOUT, Settings
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.people import World, make_world

__all__ = ["database", "database_kind", "empty_url", "migrated_url", "postgresql"]


@pytest.fixture
def world(database: Database) -> World:
    return make_world(database)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation with the unit `nn` as the checkout has it, in folders that may be changed."""
    for kind in ("hidden_tests", "reference", "student_template"):
        shutil.copytree(CHECKOUT / kind / "nn", tmp_path / "on_disk" / kind / "nn")
    return replace(Settings(), units_root=tmp_path / "on_disk", data_dir=tmp_path / "data")
