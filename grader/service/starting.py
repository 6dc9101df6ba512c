"""Is the database fit to start on? SQLite is made so; a PostgreSQL database is never changed unasked."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory

from grader.db import migration
from grader.db.database import Database, open_database
from grader.db.models import User
from grader.errors import GraderError, SettingsError
from grader.jobs.engine import check_job_tables, prepare_job_tables
from grader.settings import Settings

OWNER_ONLY = 0o600


def reach_database(settings: Settings) -> Database:
    """Open the database and try it; an SQLite file is made if there is none, readable by its owner only.

    Raises GraderError, without the URL's password, if it can't be opened or does not answer.
    """
    path = sqlite_path(settings)
    try:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=OWNER_ONLY)
        database = open_database(settings.database)
        with database.reading() as session:
            session.execute(sa.text("SELECT 1"))
    except OSError as error:
        raise GraderError(f"The database's file can't be made: {error}") from error
    except sa.exc.DBAPIError as error:
        raise GraderError(f"The database does not answer: {str(error.orig).strip()}") from error
    return database


def fit_database(settings: Settings) -> Database:
    """Open the database with the schema that this program expects.

    An SQLite database that is empty or older is brought up to date first. Raises GraderError with the fix if
    a PostgreSQL database is not current, or if either was made by a newer grader.
    """
    database = reach_database(settings)
    try:
        _make_fit(settings, database)
    except BaseException:
        database.close()
        raise
    return database


def _make_fit(settings: Settings, database: Database) -> None:
    is_sqlite = sqlite_path(settings) is not None
    found = migration.current_revision(database)
    if not is_known(found):
        raise GraderError(
            f"The database has the schema {found}, which only a newer grader knows.\n"
            "To fix it: run that grader, or restore a backup from before"
        )
    if is_sqlite:  # also if it is current: a newer job engine may have come with this program
        upgrade_database(settings, database)
    elif found is None:
        raise GraderError("The database has no tables yet.\nTo fix it: run `grader db upgrade`")
    elif not migration.is_current(database):
        raise GraderError(
            f"The database has the older schema {found}.\n"
            "To fix it: make a backup (`grader backup FILE`), then run `grader db upgrade`"
        )
    else:
        check_job_tables(settings.database)


def upgrade_database(settings: Settings, database: Database) -> None:
    """Bring all tables up to date: the job engine's first, so that our revision says that all are."""
    prepare_job_tables(settings.database)
    migration.upgrade(database)


def is_known(revision: str | None) -> bool:
    """Whether this program knows the schema's revision; None is that of an empty database."""
    scripts = ScriptDirectory(str(migration.MIGRATIONS))
    return revision is None or revision in {script.revision for script in scripts.walk_revisions()}


def sqlite_path(settings: Settings) -> Path | None:
    """Return the file of an SQLite database; None for a PostgreSQL one. SettingsError for anything else."""
    try:
        url = sa.make_url(settings.database)
    except sa.exc.ArgumentError:
        url = None
    if url and url.drivername == "sqlite" and url.database:
        return Path(url.database)
    if url and url.drivername == "postgresql+psycopg":
        return None
    raise SettingsError("database_url: expected sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")


def has_users(database: Database) -> bool:
    """Whether anybody can sign in yet."""
    with database.reading() as session:
        return session.scalar(sa.select(User.id).limit(1)) is not None
