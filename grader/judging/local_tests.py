"""The public tests on a student's own machine: pytest in a plain process.

pytest-json-report says how each test ended, so nothing is read off the terminal output but the
test that was running when there is no report at all.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.judging.own_process import Ended, run_python
from grader.judging.result import Outcome

TIMEOUT_S = 300.0  # the reference takes a few seconds

# Libraries come first, so that a file of the hand-in can't stand in for them, as in the sandbox.
START = (
    "import sys, pytest, torch; sys.path.insert(0, sys.argv[1]); raise SystemExit(pytest.main(sys.argv[2:]))"
)
OUTCOMES = {"passed": Outcome.PASSED, "skipped": Outcome.SKIPPED}
MAX_MESSAGE_LINES = 3
MAX_LINE_CHARS = 150  # the rest is numbers of tensors


@dataclass(frozen=True)
class LocalTest:
    """How one public test ended; `message` names the error and, if known, the place in the student's file."""

    name: str
    outcome: Outcome
    message: str = ""


@dataclass(frozen=True)
class LocalRun:
    """All public tests, or the `problem` that kept them from running to their end."""

    tests: tuple[LocalTest, ...] = ()
    problem: str = ""


def run_public_tests(folder: Path, tests: Path, scratch: Path, timeout_s: float = TIMEOUT_S) -> LocalRun:
    """Run the test file `tests` on the hand-in in `folder`; our own files go to the folder `scratch`."""
    folder = folder.resolve()
    report_path, ini_path = scratch / "report.json", scratch / "pytest.ini"
    ini_path.write_text("[pytest]\n", encoding="utf-8")  # neither the template's nor the hand-in's
    options = [
        f"--config-file={ini_path}",
        f"--rootdir={scratch}",
        "--noconftest",
        "--verbose",
        "--no-header",
        "-p",
        "no:cacheprovider",
        "-p",
        "pytest_jsonreport.plugin",
        "--json-report",
        f"--json-report-file={report_path}",
    ]
    ended = run_python(["-c", START, str(folder), str(tests.resolve()), *options], folder, scratch, timeout_s)
    if ended.exit_code is None or not report_path.is_file():
        return LocalRun(problem=_no_report(ended, timeout_s))
    report = json.loads(report_path.read_text(encoding="utf-8"))
    broken = [each for each in report.get("collectors", ()) if each["outcome"] == "failed"]
    if broken:
        text = _import_error(broken[0]["longrepr"]).replace(f"{folder}{os.sep}", "")
        return LocalRun(problem=f"Your package can't be imported:\n{text}")
    return LocalRun(tuple(_read_test(test, folder, tests.name) for test in report.get("tests", ())))


def _no_report(ended: Ended, timeout_s: float) -> str:
    started = re.findall(r"::(test\S+)", ended.output)
    place = f"in the middle of {started[-1]}" if started else "while it imported your package"
    if ended.exit_code is None:
        return (
            f"Stopped after {timeout_s:.0f} s, {place}. Look there for a loop that never ends, "
            "or for work done one element at a time."
        )
    return (
        f"Python ended {place} (exit code {ended.exit_code}). Look there for exit(), os._exit() or a crash. "
        f"The last it said:\n{ended.tail}"
    )


def _import_error(text: str) -> str:
    """Return the error and the line it came from, without pytest's own frames."""
    lines = [line.removeprefix("E").strip() for line in text.splitlines() if line.startswith("E  ")]
    places = re.findall(r"^(\S+\.py):(\d+): in ", text, re.MULTILINE)
    place = f"\n({places[-1][0]}, line {places[-1][1]})" if places else ""
    return "\n".join(lines or text.splitlines()[-MAX_MESSAGE_LINES:]) + place


def _read_test(test: Mapping[str, Any], folder: Path, test_file: str) -> LocalTest:
    name = test["nodeid"].partition("::")[2]
    outcome = OUTCOMES.get(test["outcome"], Outcome.FAILED)
    stages = [test[stage] for stage in ("setup", "call", "teardown") if stage in test]
    crashed = next((stage for stage in stages if "crash" in stage), None)
    if outcome is not Outcome.FAILED or crashed is None:
        return LocalTest(name, outcome)
    return LocalTest(name, outcome, _short(crashed["crash"]["message"]) + _place(crashed, folder, test_file))


def _short(message: str) -> str:
    lines = [
        line if len(line) <= MAX_LINE_CHARS else line[:MAX_LINE_CHARS] + "…" for line in message.splitlines()
    ]
    return "\n".join(lines[:MAX_MESSAGE_LINES])


def _place(crashed: Mapping[str, Any], folder: Path, test_file: str) -> str:
    """Return the innermost line of the hand-in that the error came through, or else the test's own."""
    entries = [
        ((folder / entry["path"]).resolve(), entry["lineno"]) for entry in crashed.get("traceback", ())
    ]
    own = [
        f"{path.relative_to(folder).as_posix()}, line {line}"
        for path, line in entries
        if path.is_relative_to(folder)
    ]
    test = [f"{test_file}, line {line}" for path, line in entries if path.name == test_file]
    return f"\n({(own or test)[-1]})" if own or test else ""
