"""Backup and restore of all that the service remembers: archives, results, people and waiting jobs.

Theory of operation. Everything is in the one database, so a consistent copy of it is a whole backup. It is
taken while the service runs: by SQLite's online backup, or by pg_dump in its custom format; both see one
moment and hold nobody up. A file appears under its name only when it is complete. Jobs come along, so what
was being graded at that moment goes on where the backup is restored. Not part of it: the key that sessions
are signed with (without it everybody signs in again), and what `make setup` makes anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from grader.db import migration
from grader.db.database import Database, open_database
from grader.db.models import Course, User
from grader.errors import GraderError, UsageError
from grader.service import backup_postgresql, backup_sqlite
from grader.service.living import living_workers
from grader.service.starting import OWNER_ONLY, is_known, reach_database, sqlite_path
from grader.settings import Settings

KINDS = {backup_sqlite.MAGIC: "sqlite", backup_postgresql.MAGIC: "postgresql"}
KIND_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def back_up(settings: Settings, file: Path) -> None:
    """Write a backup to `file`, which only its owner can read; the service may go on meanwhile.

    Raises UsageError if there is such a file, GraderError if it can't be written or the database not read.
    """
    if file.exists():
        raise UsageError(f"{file} is there already; a backup never overwrites another")
    partial = file.with_name(f".{file.name}.partial")
    database = reach_database(settings)
    try:
        if migration.current_revision(database) is None:
            raise UsageError("the database is empty: there is nothing to back up")
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.touch(mode=OWNER_ONLY)
        if path := sqlite_path(settings):
            backup_sqlite.dump(path, partial)
        else:
            backup_postgresql.dump(database.engine, partial)
        _flush(partial)
        partial.rename(file)
        _flush(file.parent)
    except OSError as error:
        raise GraderError(f"The backup can't be written to {file}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
        database.close()


def restore(settings: Settings, file: Path, *, force: bool) -> str | None:
    """Make the database what it was when `file` was written; return the schema's revision.

    Raises UsageError, before anything is changed, if `file` is no whole backup for this kind of database, if
    the database holds people or courses and `force` is not given, or if a worker is at work on it.
    """
    kind = _kind_of(file)
    path = sqlite_path(settings)
    expected = "sqlite" if path else "postgresql"
    if kind != expected:
        raise UsageError(
            f"{file} is a backup of a {KIND_NAMES[kind]} database, and database_url names a "
            f"{KIND_NAMES[expected]} one: set database_url to one of the same kind"
        )
    database = reach_database(settings)
    try:
        _refuse_if_used(database, force)
        if path:
            backup_sqlite.load(file, path)
        else:
            backup_postgresql.load(file, database.engine)
    finally:
        database.close()
    restored = open_database(settings.database)
    try:
        return migration.current_revision(restored)
    finally:
        restored.close()


def _kind_of(file: Path) -> str:
    with file.open("rb") as opened:
        start = opened.read(max(map(len, KINDS)))
    for magic, kind in KINDS.items():
        if start.startswith(magic):
            return kind
    raise UsageError(f"{file} is not a backup of this grader")


def _refuse_if_used(database: Database, force: bool) -> None:
    revision = migration.current_revision(database)
    if not is_known(revision) and not force:
        raise UsageError("the database is a newer grader's; --force replaces all that it holds")
    if revision is None or not is_known(revision):
        return
    with database.reading() as session:
        if living_workers(session):
            raise UsageError("a worker is at work on the database: stop the service first")
        if not force and (session.scalar(sa.select(User.id)) or session.scalar(sa.select(Course.id))):
            raise UsageError("the database is not empty; --force replaces all that it holds")


def _flush(path: Path) -> None:
    """Have the disk hold what was written to the file or folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
