"""The schema's versions: up, down, and how a database compares with the models.

The steps themselves are in `migrations/versions/`. The tables of the job engine (dbos) live in the same
database but are its own business: it brings them up to date, and comparisons leave them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import grader.db.models  # noqa: F401  # registers the tables
from grader.db.base import Base
from grader.db.database import Database
from grader.settings import CHECKOUT

MIGRATIONS = CHECKOUT / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema up to this revision, in one transaction."""
    _run(database, lambda config: command.upgrade(config, revision))


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back to this revision ("base": nothing left), in one transaction."""
    _run(database, lambda config: command.downgrade(config, revision))


def current_revision(database: Database) -> str | None:
    """Return the schema's revision; None for an empty database."""
    with database.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def newest_revision() -> str | None:
    """Return the newest revision that there is a migration for."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def is_current(database: Database) -> bool:
    """Whether the schema is the one that this program expects."""
    return current_revision(database) == newest_revision()


def differences(database: Database) -> list[Any]:
    """Return what would have to change for the database to equal the models; [] if nothing."""
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts=configuration_of())
        return list(compare_metadata(context, Base.metadata))


def write_migration(database: Database, message: str) -> None:
    """Write a new file in migrations/versions/ with what differs between the database and the models."""
    _run(database, lambda config: command.revision(config, message, autogenerate=True))


def configuration_of() -> dict[str, Any]:
    """Return Alembic's options, the same for running and for comparing."""
    return {
        "target_metadata": Base.metadata,
        "include_name": _is_ours,
        "compare_type": True,
        "render_item": _render_type,
        "render_as_batch": True,  # SQLite can't alter a table in place
        "transaction_per_migration": False,
    }


def _is_ours(name: str | None, kind: str, parents: Any) -> bool:
    return kind != "table" or name in Base.metadata.tables


def _render_type(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Write our own column types as what they are in the database, so that a migration never changes."""
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def _run(database: Database, act: Any) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.connect() as connection, _rebuildable(connection), connection.begin():
        config.attributes["connection"] = connection
        act(config)
        _refuse_dangling_references(connection)


@contextmanager
def _rebuildable(connection: sa.Connection) -> Iterator[None]:
    """Let SQLite replace tables that others refer to, which it does only while it checks no foreign keys.

    That can be said between transactions only, and so to the driver's own connection.
    Source: SQLite's documentation, "Making other kinds of table schema changes".
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys = ON")


def _refuse_dangling_references(connection: sa.Connection) -> None:
    """Undo the migration, by an error, if it left a reference to a row that is not there."""
    if connection.dialect.name == "sqlite":
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if dangling:
            raise RuntimeError(f"the migration broke references: {dangling[:5]}")
