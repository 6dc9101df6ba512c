"""The plain harness for hand-ins: public and hidden tests beside the hand-in, one process for all of it.

Theory of operation. One container per run: as root, on a bridge, with the course's token in its environment.
`grade.sh` copies the hand-in and the tests into one folder and runs pytest there, which writes its reports
into that folder. The harness waits for the script to end or gives up, then believes what it reads. What the
payload did besides is looked at from outside and, once the run is over, by commands in the container.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import docker

from bench.baseline.image import plain_image
from grader.sandbox import docker_host
from grader.settings import load_settings
from redteam.canary import Canary
from redteam.hand_in import base_files, write
from redteam.listener import Listener
from redteam.plain.container import Command, Peaks, PlainContainer
from redteam.small_unit import GROUPS, write_hidden_tests, write_public_tests

FILES = Path(__file__).parent
TESTS = len(GROUPS)  # a course knows how many tests it has
PASSED_LINE = re.compile(rb"(\d+) passed")

Reads = Literal["report", "junit", "exit", "stdout"]


@dataclass(frozen=True)
class PlainRun:
    """What the harness saw of one run, and what else there was to see."""

    passed: dict[str, int]  # how many tests passed, by whom one believes
    passing: frozenset[str]  # names of the tests that the JSON report says passed
    finished: bool  # the script ended by itself and left a report
    output: bytes
    reports: bytes
    heard: bytes
    contacts: int
    left: tuple[str, ...]  # processes and files that are still there
    marked: tuple[str, ...]  # places that hold the token
    peaks: Peaks
    honest_passed: int | None
    canary: Canary
    wall_s: float

    def leaks(self) -> set[tuple[str, str]]:
        """Return where the canary appeared, and in which form."""
        seen = {"output": self.output, "report": self.reports, "network": self.heard}
        return {(place, form) for place, data in seen.items() for form in self.canary.found_in(data)}


class PlainHarness:
    """Grades hand-ins the plain way; make it with `plain_harness`."""

    def __init__(self, client: docker.DockerClient, image: str):
        self._client = client
        self._image = image
        bridge = client.networks.get("bridge").attrs["IPAM"]["Config"][0]
        self.gateway = str(bridge["Gateway"])

    def run(
        self,
        files: dict[str, bytes],
        token: str,
        listener: Listener,
        patience_s: float,
        honest: str = "",
        privileged: bool = False,
    ) -> PlainRun:
        """Run the tests on a hand-in once; `honest`, "beside" or "after", has an honest one there, too.

        Gives up after `patience_s`, and waits as long again for an honest run afterwards.
        """
        canary = Canary.drawn()
        with tempfile.TemporaryDirectory(prefix="redteam-") as name:
            folder = Path(name)
            folder.chmod(0o755)
            write(files, folder / "handin")
            write(base_files("reference"), folder / "honest")
            write_public_tests(folder / "autograder" / "tests")
            write_hidden_tests(folder / "autograder" / "tests", canary, FILES / "comparing.py")
            for script in ("grade.sh", "collect.sh"):
                (folder / "autograder" / script).write_bytes((FILES / script).read_bytes())
            mounts = {f"/{name}": folder / name for name in ("handin", "honest", "autograder")}
            environment = {"OMP_NUM_THREADS": "1", "LANG": "C.UTF-8", "UPLOAD_TOKEN": canary.text}
            with PlainContainer(self._client, self._image, mounts, environment, privileged) as container:
                return _graded(container, canary, token, listener, patience_s, honest)


@contextlib.contextmanager
def plain_harness() -> Iterator[PlainHarness]:
    """A harness whose image is built if it was not; SandboxUnavailable without an engine."""
    client = docker_host.connect()
    try:
        yield PlainHarness(client, plain_image(client, load_settings()))
    finally:
        client.close()


def _graded(
    container: PlainContainer, canary: Canary, token: str, listener: Listener, patience_s: float, honest: str
) -> PlainRun:
    with contextlib.ExitStack() as stack:
        beside = [_script(container, "/honest", "/neighbour", stack)] if honest == "beside" else []
        start_s = time.monotonic()
        command = _script(container, "/handin", "/submission", stack)
        container.wait([command, *beside], patience_s)
        wall_s = time.monotonic() - start_s
        output = command.output()
        exit_code = command.exit_code()
        honest_passed = _passed_lines(beside[0].output()) if beside else None
    processes = container.processes()
    separator = secrets.token_hex(16)
    said = container.run("sh", "/autograder/collect.sh", "/submission", separator, token)
    report, junit, files, marked = (said.split(f"\n{separator}\n".encode()) + [b""] * 4)[:4]
    if honest == "after":
        with contextlib.ExitStack() as stack:
            after = _script(container, "/honest", "/neighbour", stack)
            container.wait([after], patience_s)
            honest_passed = _passed_lines(after.output())
    names, summary = _json_report(report)
    seen = {"output": output, "report": report + junit, "network": listener.heard()}
    return PlainRun(
        passed={
            "report": summary if summary is not None else TESTS if exit_code == 0 else 0,
            "junit": _junit_report(junit),
            "exit": TESTS if exit_code == 0 else 0,
            "stdout": _passed_lines(output),
        },
        passing=names,
        finished=exit_code is not None and summary is not None,
        output=output,
        reports=report + junit,
        heard=listener.heard(),
        contacts=listener.contacts(),
        left=(*processes, *files.decode(errors="replace").split("\n")) if files.strip() else tuple(processes),
        marked=tuple(
            place
            for place, data in (*seen.items(), ("files", marked))
            if token.encode() in data or (place == "files" and data.strip())
        ),
        peaks=container.peaks,
        honest_passed=honest_passed,
        canary=canary,
        wall_s=wall_s,
    )


def _script(container: PlainContainer, source: str, target: str, stack: contextlib.ExitStack) -> Command:
    command = container.start("sh", "/autograder/grade.sh", source, target)
    stack.callback(command.close)
    return command


def _json_report(text: bytes) -> tuple[frozenset[str], int | None]:
    """Return the names of the tests that passed, and how many the summary says; None without a report."""
    try:
        report = json.loads(text)
        passed = int(report["summary"].get("passed", 0))
        tests = [test for test in report.get("tests", ()) if test["outcome"] == "passed"]
        return frozenset(str(test["nodeid"]).rpartition("::")[2] for test in tests), passed
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return frozenset(), None


def _junit_report(text: bytes) -> int:
    """Return how many tests passed, as a course adds them up."""
    try:
        suites = list(ElementTree.fromstring(text).iter("testsuite"))
        keys = ("failures", "errors", "skipped")
        return sum(int(s.get("tests", 0)) - sum(int(s.get(key, 0)) for key in keys) for s in suites)
    except (ElementTree.ParseError, ValueError):
        return 0


def _passed_lines(output: bytes) -> int:
    found = PASSED_LINE.findall(output)
    return int(found[-1][:6]) if found else 0
