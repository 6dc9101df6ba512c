"""The schema of the database: db upgrade, db current, db downgrade."""

from __future__ import annotations

import sys
from contextlib import closing

import click

from grader.commands.options import EXIT_NO
from grader.settings import load_settings


@click.group()
def db() -> None:
    """Bring the database's schema up to date."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema up to date, making it if there is none. Safe to run again."""
    from grader.db import migration
    from grader.service.starting import reach_database, upgrade_database

    settings = load_settings()
    with closing(reach_database(settings)) as database:
        before = migration.current_revision(database)
        upgrade_database(settings, database)
        after = migration.current_revision(database)
    click.echo(f"up to date: {after}" if before == after else f"upgraded: {before or 'empty'} → {after}")


@db.command("current")
def db_current() -> None:
    """Say which revision the schema has, and whether it is the one that this program expects."""
    from grader.db import migration
    from grader.service.starting import reach_database

    with closing(reach_database(load_settings())) as database:
        found, expected = migration.current_revision(database), migration.newest_revision()
    click.echo(f"{found or 'empty'} ({'current' if found == expected else f'expected: {expected}'})")
    sys.exit(0 if found == expected else EXIT_NO)


@db.command("downgrade")
@click.argument("revision")
@click.confirmation_option(prompt="What only the newer schema holds is deleted. Is there a backup?")
def db_downgrade(revision: str) -> None:
    """Take the schema back to REVISION, for an older grader; "base" deletes everything."""
    from alembic.util import CommandError

    from grader.db import migration
    from grader.errors import UsageError
    from grader.service.starting import reach_database

    with closing(reach_database(load_settings())) as database:
        before = migration.current_revision(database)
        try:
            migration.downgrade(database, revision)
        except CommandError as error:
            raise UsageError(f"the schema can't be taken back to {revision!r}: {error}") from error
        after = migration.current_revision(database)
    click.echo(f"downgraded: {before or 'empty'} → {after or 'empty'}")
