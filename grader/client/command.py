"""The command `grader submit`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from grader.client import configuration
from grader.client.endings import Ending, Exit
from grader.client.following import Follower, Status
from grader.client.handing_in import HandedIn, check_token, hand_in, key_of, only_course
from grader.client.packing import pack
from grader.client.telling import Files, Teller
from grader.client.transport import Service

_CLOSE_ENOUGH = 1e-6  # points are sums of fractions
_NOT_GRADED = {
    "cancelled": "The grading was cancelled. To hand it in anew, use --again.",
    "superseded": "A newer hand-in of yours took its place. The same command hands it in anew.",
}

_WITHHELD = "It is graded. Your staff release the grades of this unit later: the page will show yours then."


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for beyond handing in."""

    unit: str
    course: str | None
    again: bool
    wait_s: float | None
    min_score: float | None
    files: Files


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.option("--unit", required=True, help="What it is for.")
@click.option(
    "--course",
    envvar=configuration.COURSE,
    help="The course's name in addresses; default: your only one.",
)
@click.option("--server", envvar=configuration.SERVER, help="The service's address.")
@click.option("--wait", is_flag=True, help="Wait for the result, and end as it says.")
@click.option(
    "--timeout", type=click.FloatRange(1), default=3600.0, show_default=True, help="Seconds to wait at most."
)
@click.option(
    "--min-score", type=click.FloatRange(0), help="Points that are enough for exit code 0; default: all."
)
@click.option("--json", "json_path", metavar="FILE|-", help="Write the report as JSON, to stdout for -.")
@click.option(
    "--junit", "junit_path", type=click.Path(path_type=Path), metavar="FILE", help="Write a JUnit report."
)
@click.option("--again", is_flag=True, help="Hand in what was handed in before, as a new submission.")
@click.option(
    "--retries",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    help="Tries more while the service can't be reached.",
)
@click.option("--plain-http", is_flag=True, help="Allow an address without https beyond this machine.")
def submit(
    path: Path,
    unit: str,
    course: str | None,
    server: str | None,
    wait: bool,
    timeout: float,
    min_score: float | None,
    json_path: str | None,
    junit_path: Path | None,
    again: bool,
    retries: int,
    plain_http: bool,
) -> None:
    """Hand in PATH: a folder (this one by default), .zip or .tar.gz.

    The token is in GRADER_TOKEN or in the keyring.
    """
    files = Files(json_path, junit_path)
    if not wait and (files.are_wanted or min_score is not None):
        raise click.UsageError("--min-score, --json and --junit need --wait")
    wishes = Wishes(unit, course, again, timeout if wait else None, min_score, files)

    def connect(tell: Callable[[str], None]) -> tuple[Service, str | None]:
        configured = configuration.read_configuration(configuration.configuration_file())
        address = configuration.server_address(server, configured, plain_http)
        token = configuration.find_token(address)
        return Service(address, token, retries, tell), course or configured.get("course")

    with Teller(Console(stderr=json_path == "-", highlight=False)) as teller:
        sys.exit(_end_of(teller, path, wishes, connect))


def _end_of(
    teller: Teller,
    path: Path,
    wishes: Wishes,
    connect: Callable[[Callable[[str], None]], tuple[Service, str | None]],
) -> Exit:
    """Do it all; return the exit code."""
    handed_in: HandedIn | None = None
    try:
        package = pack(path, wishes.files.paths)
        service, course = connect(teller.line)
        check_token(service)
        course = course or only_course(service)
        teller.packed(package)
        key = key_of(course, wishes.unit, package.content, again=wishes.again)
        handed_in = hand_in(service, course, wishes.unit, package, key)
        teller.handed_in(handed_in)
        if wishes.wait_s is None:
            return Exit.DONE
        follower = Follower(service, handed_in.id, time.monotonic() + wishes.wait_s, teller.on_event)
        return _tell_result(teller, service, handed_in, follower.wait(), wishes)
    except Ending as ending:
        return _tell_ending(teller, ending, handed_in, wishes)
    except KeyboardInterrupt:
        if handed_in is not None:
            teller.line("\nStopped waiting; grading goes on. The same command waits for it again.")
            teller.address(handed_in.page)
        else:
            teller.line("\nStopped. The same command goes on, and hands nothing in twice.")
        return Exit.INTERRUPTED


def _tell_result(
    teller: Teller, service: Service, handed_in: HandedIn, status: Status, wishes: Wishes
) -> Exit:
    state, path = status["state"], f"/submissions/{handed_in.id}"
    if state in _NOT_GRADED:
        raise Ending(Exit.NOT_GRADED, _NOT_GRADED[state])
    if state == "graded" and status.get("is_withheld"):
        raise Ending(Exit.NOT_GRADED, _WITHHELD)
    report = service.get(f"{path}/report")
    teller.report(report.json())
    if wishes.files.are_wanted:
        junit = service.get(f"{path}/report.xml", accept="application/xml")
        wishes.files.write(report.body.decode(), junit.body.decode())
    if state != "graded":
        raise Ending(
            Exit.GRADER_PROBLEM,
            "The grader failed, not your work. Your attempt was given back, and the staff know. "
            "The same command tries once more.",
        )
    score, needed = status["score"], wishes.min_score
    needed = status["max_score"] if needed is None else needed
    teller.line("")
    teller.address(handed_in.page)
    return Exit.DONE if score is not None and score >= needed - _CLOSE_ENOUGH else Exit.BELOW


def _tell_ending(teller: Teller, ending: Ending, handed_in: HandedIn | None, wishes: Wishes) -> Exit:
    click.echo(f"grader: {ending}", err=True)
    teller.rejected(ending.rejections)
    if ending.code is Exit.REJECTED and wishes.files.are_wanted:
        try:
            wishes.files.write_rejection(wishes.unit, ending.rejections)
        except Ending as unwritten:
            click.echo(f"grader: {unwritten}", err=True)
    if handed_in is not None:
        click.echo(f"grader: your work is handed in: {handed_in.page}", err=True)
    return ending.code
