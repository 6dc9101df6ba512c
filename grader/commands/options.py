"""What several commands share: exit codes, options, and how progress is told."""

from __future__ import annotations

from pathlib import Path

import click

from grader.setting_values import SANDBOXES
from grader.settings import load_settings

EXIT_NO = 1
EXIT_USAGE = 2
EXIT_REJECTED = 3
EXIT_PROBLEM = 4


def known_unit(context: click.Context, parameter: click.Parameter, name: str) -> str:
    """Return the name if there is such a unit; a usage error that lists the units if not."""
    folder = load_settings().units_root / "hidden_tests"
    units = sorted(path.parent.name for path in folder.glob("*/unit.toml"))
    if name not in units:
        raise click.BadParameter(f"there is no unit {name!r}; there is {', '.join(units) or 'none'}")
    return name


existing = click.Path(exists=True, path_type=Path)
unit_option = click.option(
    "--unit", "unit_name", default="nn", show_default=True, callback=known_unit, help="What is graded."
)
sandbox_name = click.Choice(["auto", *SANDBOXES])
sandbox_option = click.option(
    "--sandbox", type=sandbox_name, default=None, help="Default: the setting `sandbox`."
)


def tell_progress(line: str) -> None:
    """Print a line about what a long step is doing, apart from the command's output."""
    click.echo(line, err=True)
