"""Runs the public tests on many hand-ins, in-process or remotely; prints {hand-in: {test: outcome}} as JSON.

    python -m tests.contract.parity_runner in-process FOLDER
    python -m tests.contract.parity_runner BACKEND FOLDER

FOLDER holds `tests` and one folder per hand-in. A test's outcome is "passed", or
the type of the exception that it ended with. To be quick, every hand-in gets a fork of this process
in-process, and one session for all its tests remotely (grading gives each test its own).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
import torch

from grader.remote.importing.control import StudentHost
from grader.remote.importing.deadlines import SessionLimits
from grader.remote.importing.package import RemoteImport, RemotePackage
from grader.sandbox.interface import Limits
from grader.sandbox.selection import choose
from grader.settings import load_settings
from grader.units import load_unit
from tests.contract.students import IN_PROCESS

LIMITS = SessionLimits(cpu_s=300.0, wall_s=600.0, output_bytes=1024**2)
SEED = 11
Outcomes = dict[str, str]


class Recorder:
    """Seeds before each test and writes down how it ended."""

    def __init__(self) -> None:
        self.outcomes: Outcomes = {}

    def pytest_runtest_setup(self) -> None:
        torch.manual_seed(SEED)

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if call.excinfo is not None:
            self.outcomes[item.name] = call.excinfo.type.__name__
        else:
            self.outcomes.setdefault(item.name, "passed")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.outcomes["collection"] = "failed"


def run_tests(tests: Path, recorder: Recorder) -> None:
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "-c", os.devnull, "--rootdir", str(tests)]
    pytest.main([*options, "--import-mode=importlib", str(tests)], plugins=[recorder])
    for name, module in list(sys.modules.items()):  # the next hand-in is imported anew
        if str(getattr(module, "__file__", None)).startswith(str(tests)):
            del sys.modules[name]


def in_process(hand_in: Path) -> Outcomes:
    reading, writing = os.pipe()
    if (pid := os.fork()) == 0:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        sys.path.insert(0, str(hand_in))
        recorder = Recorder()
        run_tests(hand_in.parent / "tests", recorder)
        with os.fdopen(writing, "w") as pipe:
            json.dump(recorder.outcomes, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        outcomes: Outcomes = json.load(pipe)
    os.waitpid(pid, 0)
    return outcomes


def remotely(hand_in: Path, host: StudentHost, package: RemotePackage) -> Outcomes:
    files = [path for path in sorted(hand_in.rglob("*")) if path.is_file()]
    host.load({str(path.relative_to(hand_in)): path.read_bytes() for path in files})
    recorder = Recorder()
    session = host.open_session(LIMITS, SEED)
    with RemoteImport(package):
        run_tests(hand_in.parent / "tests", recorder)
    host.end_session(session)
    return recorder.outcomes


def main(where: str, folder: Path) -> None:
    torch.set_num_threads(1)
    hand_ins = sorted(path for path in folder.iterdir() if path.name != "tests")
    if where == IN_PROCESS:
        results = {hand_in.name: in_process(hand_in) for hand_in in hand_ins}
    else:
        settings = load_settings()
        backend = choose(where, settings)
        backend.prepare()
        package = RemotePackage(load_unit("nn", Path()).modules)
        host = StudentHost(lambda: backend.launch(Limits()), package, LIMITS)
        try:
            results = {hand_in.name: remotely(hand_in, host, package) for hand_in in hand_ins}
        finally:
            host.close()
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
