"""What this machine needs: doctor, sandbox prepare, data fetch."""

from __future__ import annotations

import json
import sys

import click

from grader.commands.options import EXIT_NO, tell_progress
from grader.errors import GraderError
from grader.setting_values import SANDBOXES
from grader.settings import load_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Check what this host offers for sandboxes and git push, and print the fix for what is missing."""
    from grader.doctor import git_findings, run_doctor, usable
    from grader.sandbox.selection import backends

    findings = run_doctor(backends(load_settings()))
    names = usable(findings)
    findings += git_findings()  # without git, all else works
    if as_json:
        click.echo(json.dumps([vars(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{'ok     ' if finding.ok else 'MISSING'}  {finding.need}: {finding.detail}")
            if not finding.ok and finding.fix:
                click.echo(f"         fix: {finding.fix}")
        click.echo(f"\nReady to grade with: {', '.join(names)}." if names else "\nNo sandbox is ready yet.")
    sys.exit(0 if names else EXIT_NO)


@click.group()
def sandbox() -> None:
    """Prepare the sandboxes."""


@sandbox.command("prepare")
@click.argument("name", type=click.Choice(["all", "auto", *SANDBOXES]), default="all")
def sandbox_prepare(name: str) -> None:
    """Build what a sandbox needs: the image or the root folder. Done already, it takes a moment."""
    from grader.sandbox.selection import backends

    settings = load_settings()
    ready = []
    for backend in backends(settings):
        if name not in ("all", "auto", backend.name):
            continue
        missing = [finding for finding in backend.findings() if not finding.ok]
        if missing and name != backend.name:
            click.echo(f"{backend.name}: not on this host: {missing[0].detail} (see `grader doctor`)")
            continue
        backend.prepare(tell_progress)
        ready.append(backend.name)
        click.echo(f"{backend.name}: ready")
    if not ready:
        raise GraderError("No sandbox can be prepared on this host: run `grader doctor` for the fixes.")


@click.group()
def data() -> None:
    """Get the data sets."""


@data.command("fetch")
def data_fetch() -> None:
    """Fetch MNIST unless it is there, and check its sums."""
    from grader.datasets import fetch_mnist

    fetch_mnist(tell_progress)
    click.echo("MNIST: ready")
