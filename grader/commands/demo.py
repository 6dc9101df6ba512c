"""The demo."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from grader.commands.options import EXIT_PROBLEM, sandbox_option, tell_progress
from grader.settings import load_settings


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the reports; default: data_dir/demo.",
)
@sandbox_option
def demo(out: Path | None, sandbox: str | None) -> None:
    """Grade the reference, a half-done and a wrong hand-in, and show the reports."""
    from grader.demo import run_demo

    settings = load_settings()
    graded = run_demo(
        out or settings.data_dir / "demo", sandbox, settings, Console(highlight=False), tell_progress
    )
    sys.exit(0 if graded else EXIT_PROBLEM)
