"""Taking a unit elsewhere: export gradescope."""

from __future__ import annotations

import os
from pathlib import Path

import click

from grader.commands.options import known_unit
from grader.settings import load_settings

OWNER_ONLY = 0o600  # the hidden tests are in it


@click.group()
def export() -> None:
    """Take a unit to another platform."""


@export.command("gradescope")
@click.argument("unit_name", metavar="UNIT", callback=known_unit)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("autograder.zip"),
    show_default=True,
    metavar="FILE",
    help="Where to write the zip.",
)
@click.option(
    "--torch-index", default="", metavar="ADDRESS", help="Index of packages with a smaller build of torch."
)
def export_gradescope(unit_name: str, output: Path, torch_index: str) -> None:
    """Write UNIT as a Gradescope autograder: its judge, its hidden tests and its reference."""
    from grader.errors import UsageError
    from grader.gradescope.export import autograder_zip
    from grader.units import load_unit

    content = autograder_zip(load_unit(unit_name, load_settings().units_root), torch_index)
    try:
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "wb") as file:
            os.fchmod(file.fileno(), OWNER_ONLY)  # the file may be one that was there already
            file.write(content)
    except OSError as error:
        raise UsageError(f"{output} can't be written: {error.strerror}") from error
    click.echo(
        f"written: {output} ({len(content) / 1e6:.1f} MB). It holds the hidden tests: keep it private."
    )
