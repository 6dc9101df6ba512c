"""Courses: course import."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from grader.commands.options import existing
from grader.settings import load_settings


@click.group()
def course() -> None:
    """Set up courses."""


@course.command("import")
@click.argument("file", type=existing)
def course_import(file: Path) -> None:
    """Make a course what the TOML FILE says: title, units, deadlines, roster. Safe to run again."""
    from grader.service.course_file import read_course_file
    from grader.service.course_import import import_course
    from grader.service.starting import fit_database

    settings = load_settings()
    wanted = read_course_file(file, settings.units_root)
    with closing(fit_database(settings)) as database:
        changes = import_course(database, wanted)
    for change in changes or ["nothing changed"]:
        click.echo(change)
