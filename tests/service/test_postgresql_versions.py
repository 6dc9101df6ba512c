"""PostgreSQL's programs and server must fit each other: else a backup could not be restored."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from grader.db.database import Database
from grader.errors import GraderError
from grader.service.backup import back_up, restore
from grader.service.starting import upgrade_database
from grader.settings import Settings
from tests.people import make_world
from tests.service.test_backup import content

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


@pytest.fixture
def settings(tmp_path: Path, url: str, database: Database) -> Settings:
    made = Settings(data_dir=tmp_path, database_url=url)
    upgrade_database(made, database)
    make_world(database)
    return made


def pretend(folder: Path, monkeypatch: pytest.MonkeyPatch, program: str, version: str) -> None:
    """Have the program say that it is of this version; it does all else as ever."""
    real = shutil.which(program)
    said = f'[ "$1" = --version ] && echo "{program} (PostgreSQL) {version}" && exit'
    (folder / "bin").mkdir()
    stand_in = folder / "bin" / program
    stand_in.write_text(f'#!/bin/sh\n{said}\nexec {real} "$@"\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")


@pytest.mark.parametrize("version", ["9.6.24", "99.1 (Debian 99.1-1)", "99beta2"])
def test_other_programs_than_the_server_s_make_no_backup(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
):
    pretend(tmp_path, monkeypatch, "pg_dump", version)
    with pytest.raises(GraderError, match=r"pg_dump is of version \d+ and the server of version \d+"):
        back_up(settings, tmp_path / "backup")
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []


def test_newer_programs_than_the_server_restore_nothing(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    back_up(settings, tmp_path / "backup")
    before = content(database)
    pretend(tmp_path, monkeypatch, "pg_restore", "99.1")
    with pytest.raises(GraderError, match="pg_restore is of version 99 and the server of version"):
        restore(settings, tmp_path / "backup", force=True)
    assert content(database) == before


def test_older_ones_do(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    back_up(settings, tmp_path / "backup")
    before = content(database)
    pretend(tmp_path, monkeypatch, "pg_restore", "14.2")
    restore(settings, tmp_path / "backup", force=True)
    assert content(database) == before
