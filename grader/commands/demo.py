"""The demo."""

from __future__ import annotations

import sys
from dataclasses import replace

import click
from rich.console import Console

from grader.commands.options import EXIT_PROBLEM, sandbox_option, tell_progress
from grader.settings import load_settings


@click.command()
@sandbox_option
@click.option(
    "--wait/--no-wait",
    default=None,
    help="Whether to leave the pages to look at until Ctrl-C; default: on a terminal.",
)
def demo(sandbox: str | None, wait: bool | None) -> None:
    """Fill a demo course through the HTTP API, grade it, print the reports and serve the pages."""
    from grader.service.demo import run_demo

    settings = load_settings()
    settings = replace(settings, sandbox=sandbox or settings.sandbox)
    wait = sys.stdout.isatty() if wait is None else wait
    graded = run_demo(settings, Console(highlight=False), tell_progress, wait=wait)
    sys.exit(0 if graded else EXIT_PROBLEM)
