"""The `grader` command: parses, calls, prints. Heavy modules load only in the commands that need them.

Exit codes: 0 done (whatever the score), 1 the check says no, 2 usage, 3 rejected at intake, 4 grader problem.
"""

from __future__ import annotations

import json
import secrets
import sys
import traceback
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from grader import __version__
from grader.errors import GraderError, RejectedError, UsageError
from grader.settings import SANDBOXES, Settings, load_settings

EXIT_NO = 1
EXIT_USAGE = 2
EXIT_REJECTED = 3
EXIT_PROBLEM = 4
MAX_SEED = 2**53


def _known_unit(context: click.Context, parameter: click.Parameter, name: str) -> str:
    """Return the name if there is such a unit; a usage error that lists the units if not."""
    folder = load_settings().units_root / "hidden_tests"
    units = sorted(path.parent.name for path in folder.glob("*/unit.toml"))
    if name not in units:
        raise click.BadParameter(f"there is no unit {name!r}; there is {', '.join(units) or 'none'}")
    return name


existing = click.Path(exists=True, path_type=Path)
unit_option = click.option(
    "--unit", "unit_name", default="nn", show_default=True, callback=_known_unit, help="What is graded."
)
sandbox_name = click.Choice(["auto", *SANDBOXES])
sandbox_option = click.option(
    "--sandbox", type=sandbox_name, default=None, help="Default: the setting `sandbox`."
)


class GraderGroup(click.Group):
    """Turns the exceptions of `grader.errors` into one clear message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except RejectedError as error:
            _show_rejections(error)
            ctx.exit(EXIT_REJECTED)
        except UsageError as error:
            click.echo(f"grader: {error}", err=True)
            ctx.exit(EXIT_USAGE)
        except GraderError as error:
            click.echo(f"grader: {error}", err=True)
            ctx.exit(EXIT_PROBLEM)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception:
            traceback.print_exc()  # a bug of ours: the one case where nothing says more than the stack
            ctx.exit(EXIT_PROBLEM)


@click.group(cls=GraderGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Grade from-scratch deep-learning hand-ins, fairly and unforgeably."""


@main.command()
@click.argument("path", type=existing)
@unit_option
@sandbox_option
@click.option(
    "--json", "json_path", help="Write the report as JSON to FILE, or to stdout for -.", metavar="FILE|-"
)
@click.option(
    "--junit", "junit_path", type=click.Path(path_type=Path), help="Write a JUnit report.", metavar="FILE"
)
@click.option(
    "--html", "html_path", type=click.Path(path_type=Path), help="Write a page with pictures.", metavar="FILE"
)
@click.option(
    "--seed", type=click.IntRange(0, MAX_SEED), help="Seed of every random number; default: a fresh one."
)
@click.option("--no-mnist", is_flag=True, help="Leave the timed MNIST run out.")
def grade(
    path: Path,
    unit_name: str,
    sandbox: str | None,
    json_path: str | None,
    junit_path: Path | None,
    html_path: Path | None,
    seed: int | None,
    no_mnist: bool,
) -> None:
    """Grade PATH: a folder, .zip, .tar.gz or local git repository."""
    from grader.grading import grade_path
    from grader.report.files import write_reports
    from grader.report.terminal import TerminalReport

    settings = load_settings()
    console = Console(stderr=json_path == "-", highlight=False)
    seed = secrets.randbelow(MAX_SEED) if seed is None else seed
    with TerminalReport(console) as report:
        result, title = grade_path(
            path, unit_name, sandbox, settings, report.on_event, _progress, seed=seed, with_mnist=not no_mnist
        )
        report.print_report(result)
    write_reports(result, title, json_path, junit_path, html_path)
    sys.exit({"graded": 0, "rejected": EXIT_REJECTED, "grader_problem": EXIT_PROBLEM}[result.status])


@main.command()
@click.argument("report_path", type=existing, metavar="REPORT.json")
@click.argument("path", type=existing)
@click.option("--sandbox", type=sandbox_name, default=None, help="Default: the report's own sandbox.")
def replay(report_path: Path, path: Path, sandbox: str | None) -> None:
    """Grade PATH again with the seed of REPORT.json and compare the verdicts."""
    from grader.grading import read_report, replay_differences

    settings = load_settings()
    old = read_report(report_path)
    differences = replay_differences(old, path, sandbox, settings, _progress)
    for line in differences:
        click.echo(line)
    click.echo("The verdicts differ." if differences else "The same verdicts.")
    sys.exit(EXIT_NO if differences else 0)


@main.command()
@click.argument("path", type=existing, default=".")
@unit_option
@click.option("--no-mnist", is_flag=True, help="Leave the short MNIST run out.")
def check(path: Path, unit_name: str, no_mnist: bool) -> None:
    """Check your own work in PATH before handing it in: no sandbox, no hidden tests."""
    from grader.judging.check import check_submission

    ok = check_submission(path, unit_name, load_settings(), Console(highlight=False), with_mnist=not no_mnist)
    sys.exit(0 if ok else EXIT_NO)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Check what this host offers for sandboxes, and print the fix for what is missing."""
    from grader.doctor import run_doctor, usable
    from grader.sandbox.selection import backends

    findings = run_doctor(backends(load_settings()))
    names = usable(findings)
    if as_json:
        click.echo(json.dumps([vars(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{'ok     ' if finding.ok else 'MISSING'}  {finding.need}: {finding.detail}")
            if not finding.ok and finding.fix:
                click.echo(f"         fix: {finding.fix}")
        click.echo(f"\nReady to grade with: {', '.join(names)}." if names else "\nNo sandbox is ready yet.")
    sys.exit(0 if names else EXIT_NO)


@main.command()
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
        out or settings.data_dir / "demo", sandbox, settings, Console(highlight=False), _progress
    )
    sys.exit(0 if graded else EXIT_PROBLEM)


@main.group()
def unit() -> None:
    """Work on a unit's tests."""


@unit.command("check")
@click.argument("unit_name", metavar="UNIT", callback=_known_unit)
@sandbox_option
@click.option(
    "--runs", type=click.IntRange(1), default=3, show_default=True, help="Reference runs without a flake."
)
@click.option("--only", help="Only samples whose name contains this.")
@click.option(
    "--mnist/--no-mnist", "with_mnist", default=True, help="Whether samples train on MNIST as well."
)
def unit_check(unit_name: str, sandbox: str | None, runs: int, only: str | None, with_mnist: bool) -> None:
    """The admission gate: prove a unit's tests before publishing a change to them."""
    from grader.judging.admission import check_unit

    settings = load_settings()
    admitted = check_unit(
        unit_name,
        _prepared(sandbox, settings),
        settings,
        Console(highlight=False),
        runs=runs,
        only=only,
        with_mnist=with_mnist,
    )
    sys.exit(0 if admitted else EXIT_NO)


@main.group("sandbox")
def sandbox_group() -> None:
    """Prepare the sandboxes."""


@sandbox_group.command("prepare")
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
        backend.prepare(_progress)
        ready.append(backend.name)
        click.echo(f"{backend.name}: ready")
    if not ready:
        raise GraderError("No sandbox can be prepared on this host: run `grader doctor` for the fixes.")


@main.group()
def data() -> None:
    """Get the data sets."""


@data.command("fetch")
def data_fetch() -> None:
    """Fetch MNIST unless it is there, and check its sums."""
    from grader.datasets import fetch_mnist

    fetch_mnist(_progress)
    click.echo("MNIST: ready")


def _prepared(sandbox: str | None, settings: Settings) -> str:
    from grader.grading import prepared_sandbox

    return prepared_sandbox(sandbox, settings, _progress)


def _progress(line: str) -> None:
    click.echo(line, err=True)


def _show_rejections(error: RejectedError) -> None:
    for rejection in error.rejections:
        click.echo(f"grader: {rejection.path or 'hand-in'}: {rejection.text} [{rejection.code}]", err=True)


if __name__ == "__main__":
    main()
