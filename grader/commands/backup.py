"""Backups: backup, restore."""

from __future__ import annotations

from pathlib import Path

import click

from grader.commands.options import existing
from grader.settings import load_settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write all that the service remembers to FILE, which must not be there yet; the service may go on."""
    from grader.service.backup import back_up

    back_up(load_settings(), file)
    click.echo(f"backed up: {file} ({file.stat().st_size / 1e6:.1f} MB)")


@click.command()
@click.argument("file", type=existing)
@click.option("--force", is_flag=True, help="Replace a database that is not empty.")
def restore(file: Path, force: bool) -> None:
    """Make the database what it was when the backup FILE was written; stop the service first."""
    from grader.db.migration import newest_revision
    from grader.service.backup import restore as restore_from

    revision = restore_from(load_settings(), file, force=force)
    click.echo(f"restored: schema {revision}")
    if revision != newest_revision():
        click.echo("It is an older grader's: run `grader db upgrade` before you start the service.")
