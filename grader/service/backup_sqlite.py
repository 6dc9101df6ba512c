"""Backup and restore of an SQLite database, by its online backup."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from grader.errors import GraderError, UsageError

MAGIC = b"SQLite format 3\0"
BUSY_TIMEOUT_S = 60.0


def dump(database: Path, file: Path) -> None:
    """Write the database as it is at this moment to `file`, an SQLite database too, and check it."""
    with _opened(database) as source, _opened(file) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        if problem := _problem(copy):
            raise GraderError(f"The database is damaged: {problem}")


def load(file: Path, database: Path) -> None:
    """Replace all that the database holds by what `file` holds, in one transaction."""
    with _opened(file, read_only=True) as copy, _opened(database) as target:
        if problem := _problem(copy):
            raise UsageError(f"{file} is damaged: {problem}")
        copy.backup(target)


def _problem(connection: sqlite3.Connection) -> str:
    """Return what is wrong with the database; "" if nothing is."""
    try:
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else str(found)


@contextlib.contextmanager
def _opened(path: Path, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        yield connection
    except sqlite3.Error as error:
        raise GraderError(f"SQLite: {error}") from error
    finally:
        connection.close()
