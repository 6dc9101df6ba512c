"""`grader demo`: a course of its own, filled through the HTTP API, graded, and left to be looked at.

It starts the whole service as `grader serve` does, on loopback, with a database of its own that every
demo makes anew.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from grader.errors import GraderError
from grader.grading import prepared_sandbox
from grader.judging.result import GradingResult
from grader.report.files import write_reports
from grader.report.terminal import TerminalReport
from grader.service.api_client import ApiClient
from grader.service.course_file import read_course_file
from grader.service.course_import import import_course
from grader.service.demo_course import (
    COURSE,
    READER,
    STAFF,
    STUDENTS,
    UNIT,
    HandIn,
    hand_ins,
    write_course_file,
)
from grader.service.people import change_password, make_token
from grader.service.starting import fit_database
from grader.service.supervisor import end_with
from grader.settings import Settings
from grader.units import load_unit

READY_TIMEOUT_S = 120.0
GRADED_TIMEOUT_S = 900.0
LOOK_INTERVAL_S = 0.25
ASK_INTERVAL_S = 1.0  # well within the API's limit
OVER = ("graded", "problem", "cancelled", "superseded")


@dataclass(frozen=True)
class Installation:
    """A demo's own service: its settings, its people's password and their tokens."""

    settings: Settings
    folder: Path
    password: str
    tokens: dict[str, str]

    def client(self, person: str) -> ApiClient:
        """Return this person's client."""
        return ApiClient(self.settings.public_url, self.tokens[person])


def run_demo(settings: Settings, console: Console, progress: Callable[[str], None], *, wait: bool) -> bool:
    """Grade the demo course's hand-ins and print the reports; with `wait`, serve the pages until Ctrl-C.

    Returns whether all were graded, the complete one alone with all points.
    """
    prepared_sandbox(settings.sandbox, settings, progress)
    installation = _install(settings)
    with _service(installation, progress):
        graded = _grade(installation, console)
        _print_reports(installation, graded, console)
        if wait:
            _print_sign_ins(installation, console)
            _wait_for_ctrl_c()
    return all(_is_as_expected(hand_in, status) for hand_in, status in graded)


def _install(settings: Settings) -> Installation:
    """Make the demo's database anew, with its course and people."""
    folder = settings.data_dir / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("grader.sqlite*"):
        old.unlink()
    address = _free_address(settings.listen)
    settings = replace(
        settings,
        database_url=f"sqlite:///{folder / 'grader.sqlite'}",
        listen=address,
        public_url=f"http://{address}",
        secret_key=secrets.token_urlsafe(32),
    )
    password = secrets.token_urlsafe(9)
    with closing(fit_database(settings)) as database:
        import_course(database, read_course_file(write_course_file(folder), settings.units_root))
        for person in (*STAFF, *STUDENTS):
            change_password(database, f"{person}@example.org", password)
        tokens = {
            person: make_token(database, f"{person}@example.org", "demo", {"submit"}, timedelta(days=1))
            for person in STUDENTS
        }
        tokens[READER] = make_token(database, f"{READER}@example.org", "demo", {"staff"}, timedelta(days=1))
    return Installation(settings, folder, password, tokens)


def _free_address(listen: str) -> str:
    """Return the address if it is on loopback and free, else one that is."""
    host, _, port = listen.rpartition(":")
    for wanted in (int(port) if host == "127.0.0.1" and port.isdigit() else 0, 0):
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return f"127.0.0.1:{trial.getsockname()[1]}"
    raise GraderError("There is no free port on 127.0.0.1.")


@contextmanager
def _service(installation: Installation, progress: Callable[[str], None]) -> Iterator[None]:
    """Run the service while the block runs."""
    settings, log = installation.settings, installation.folder / "service.log"
    environment = os.environ | {
        "GRADER_DATABASE_URL": settings.database_url,
        "GRADER_LISTEN": settings.listen,
        "GRADER_PUBLIC_URL": settings.public_url,
        "GRADER_SECRET_KEY": settings.secret_key,
        "GRADER_SANDBOX": settings.sandbox,
    }
    progress(f"Starting the service at {settings.public_url} (log: {log})")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "grader.cli", "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=partial(end_with, os.getpid()),  # safe: this process has one thread
        )
    try:
        _wait_until_ready(process, settings.public_url, log)
        yield
    finally:
        progress("Stopping the service")
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz"):
                return
        except OSError:
            time.sleep(LOOK_INTERVAL_S)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-10:]
    raise GraderError("\n".join(["The service did not start. The end of its log:", *lines]))


def _grade(installation: Installation, console: Console) -> list[tuple[HandIn, dict[str, Any]]]:
    """Hand everything in, and tell each change until all is over; return how each one stands then."""
    console.rule("Handed in through the HTTP API")
    waiting: dict[str, HandIn] = {}
    for hand_in in hand_ins(installation.settings.units_root):
        client = installation.client(hand_in.student)
        accepted = client.hand_in(COURSE, UNIT, f"{hand_in.name}.zip", hand_in.archive)
        waiting[accepted["id"]] = hand_in
        console.print(f"  {hand_in.student}: {hand_in.title}")
    console.rule("Graded")
    told: dict[str, str] = {}
    over: dict[str, dict[str, Any]] = {}
    deadline_s = time.monotonic() + GRADED_TIMEOUT_S
    while len(over) < len(waiting):
        if time.monotonic() > deadline_s:
            raise GraderError(f"Not everything is graded after {GRADED_TIMEOUT_S:.0f} s.")
        time.sleep(ASK_INTERVAL_S)
        for public_id, hand_in in waiting.items():
            if public_id in over:
                continue
            status = installation.client(hand_in.student).status(public_id)
            if (words := _in_words(status)) != told.get(public_id):
                told[public_id] = words
                console.print(f"  {hand_in.student}, {hand_in.name}: {words}")
            if status["state"] in OVER:
                over[public_id] = status
    return [(hand_in, over[public_id]) for public_id, hand_in in waiting.items()]


def _in_words(status: dict[str, Any]) -> str:
    if status["state"] == "queued":
        return f"waiting, number {status['queue']['position']} in the queue"
    if status["state"] == "running":
        phase = (status["progress"] or {}).get("phase")
        return f"running: {phase['title']}" if phase else "running"
    if status["state"] == "graded":
        return f"graded: {status['score']:g} of {status['max_score']:g} points"
    return str(status["state"])


def _print_reports(
    installation: Installation, graded: list[tuple[HandIn, dict[str, Any]]], console: Console
) -> None:
    """Print the reports worth reading as staff see them, and write them as JSON and HTML."""
    unit_title = load_unit(UNIT, installation.settings.units_root).title
    written = []
    for hand_in, status in graded:
        if status["state"] != "graded" or not hand_in.is_printed:
            continue
        result = GradingResult.from_json(installation.client(READER).report(status["id"]))
        console.rule(hand_in.title)
        TerminalReport(console).print_report(result)
        path = installation.folder / hand_in.name
        write_reports(result, unit_title, f"{path}.json", None, path.with_suffix(".html"))
        written.append(path.with_suffix(".html"))
    console.rule("Reports with pictures")
    for file in written:
        console.print(f"  {file}", soft_wrap=True)


def _is_as_expected(hand_in: HandIn, status: dict[str, Any]) -> bool:
    has_all_points: bool = status["score"] == status["max_score"]
    return status["state"] == "graded" and hand_in.is_complete == has_all_points


def _print_sign_ins(installation: Installation, console: Console) -> None:
    console.rule("The pages")
    console.print(f"  {installation.settings.public_url}", soft_wrap=True)
    console.print(f"  Everybody's password: {installation.password}\n", soft_wrap=True)
    table = Table("sign in as", "who is", box=None, padding=(0, 2))
    for person in STUDENTS:
        table.add_row(f"{person}@example.org", "a student")
    for person in STAFF:
        table.add_row(f"{person}@example.org", "staff")
    console.print(table)
    console.print("\n  Ctrl-C ends the service.")


def _wait_for_ctrl_c() -> None:
    with suppress(KeyboardInterrupt):
        signal.pause()
