"""A restore that fails in the middle leaves the database as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from grader.db import migration
from grader.db.database import Database
from grader.db.models import Course
from grader.errors import GraderError
from grader.service.backup import back_up, restore
from grader.service.starting import upgrade_database
from grader.settings import Settings
from tests.people import make_world
from tests.service.test_backup import content

# SQLite copies pages in one transaction of its own; what could fail in it, `test_backup` damages.
pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


@pytest.fixture
def settings(tmp_path: Path, url: str, database: Database) -> Settings:
    made = Settings(data_dir=tmp_path, database_url=url)
    upgrade_database(made, database)
    return made


@pytest.fixture
def file(settings: Settings, database: Database, tmp_path: Path) -> Path:
    """A backup, whole, that can't be restored beside what the database holds by then."""
    make_world(database)
    with database.engine.begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA aside"))
    back_up(settings, tmp_path / "backup")
    with database.writing() as session:
        session.add(Course(slug="later", title="After the backup"))
    return tmp_path / "backup"


def test_a_restore_that_fails_changes_nothing(settings: Settings, database: Database, file: Path):
    before = content(database)
    with pytest.raises(GraderError, match=r'as it was before: .*schema "aside" already exists'):
        restore(settings, file, force=True)
    assert content(database) == before
    assert migration.differences(database) == []
    assert "later" in str(before["courses"])


def test_once_mended_it_can_be_restored_and_what_is_restored_backed_up(
    settings: Settings, database: Database, file: Path, tmp_path: Path
):
    drop = sa.text("DROP SCHEMA aside")
    with database.engine.begin() as connection:
        connection.execute(drop)
    restore(settings, file, force=True)
    back_up(settings, tmp_path / "second")
    with database.engine.begin() as connection:
        connection.execute(drop)
    restore(settings, tmp_path / "second", force=True)
    assert "later" not in str(content(database)["courses"])
    assert migration.differences(database) == []
