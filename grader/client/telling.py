"""What people see while they wait and in the end, and the files that programs read."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from grader.client.endings import Ending, Exit
from grader.client.events import Sent, judge_event
from grader.client.handing_in import HandedIn
from grader.client.packing import Package
from grader.judging.result import GradingResult, Rejection, Status
from grader.report import numbers, text
from grader.report.junit import render_junit
from grader.report.lines import Lines
from grader.report.terminal import TerminalReport
from grader.submissions.limits import MIB

_MAX_LISTED = 10


class Teller:
    """Tells on a console what happens: one live line on a terminal, plain lines elsewhere.

    Use it as a context manager around the waiting.
    """

    def __init__(self, console: Console):
        self._console = console
        self._lines = Lines(console)
        self._report = TerminalReport(console)
        self._try = ""
        self._state = ""

    def __enter__(self) -> Teller:
        return self

    def __exit__(self, *_: object) -> None:
        self._report.__exit__(None, None, None)

    def line(self, words: str) -> None:
        """Print one line."""
        self._lines.print(Text(text.clean(words)))

    def address(self, words: str) -> None:
        """Print an address on a line of its own, never wrapped: people click on it."""
        self._console.print(Text(text.clean_line(words, 2000)), soft_wrap=True)

    def packed(self, package: Package) -> None:
        """Say what will be sent, and what stays here."""
        size = _size(len(package.content))
        self.line(f"Packed {package.files} files, {size}" if package.files else f"Sending {size}")
        if package.ignored:
            self.line(f"Left out, as it is never needed: {_listed(package.ignored)}")
        for each in package.left_out[:_MAX_LISTED]:
            self.line(f"Left out: {each.text}")
        if len(package.left_out) > _MAX_LISTED:
            self.line(f"Left out: … and {len(package.left_out) - _MAX_LISTED} more")

    def handed_in(self, handed_in: HandedIn) -> None:
        """Say what has become of it."""
        late = ", late" if handed_in.is_late else ""
        if handed_in.is_repeat:
            self.line(f"This very work was handed in already, as number {handed_in.number}{late}.")
            self.line("If you have handed in other work since and want this to count, use --again.")
        elif handed_in.instead_of is not None:
            text = f"Number {handed_in.instead_of} was not graded. Handed in anew: number {handed_in.number}"
            self.line(text + late)
        else:
            self.line(f"Handed in: number {handed_in.number}{late}")
        self.address(handed_in.page)

    def on_event(self, sent: Sent) -> None:
        """Tell of one event of the service."""
        if sent.kind == "state":
            self._tell_state(sent.data)
        attempt = (sent.id or "").rpartition(".")[0]
        if attempt and self._try and attempt != self._try:
            self.line("The grading was interrupted and begins anew.")
        self._try = attempt or self._try
        event = judge_event(sent)
        if event is not None:
            self._report.on_event(event)

    def report(self, document: Mapping[str, Any]) -> None:
        """Print a report of schema 1; one of another schema is left to the page."""
        try:
            result = GradingResult.from_json(dict(document))
        except (KeyError, TypeError, ValueError):
            self.line("This client is too old to show the report: see the page.")
            return
        self._report.print_report(result)

    def rejected(self, rejections: Sequence[Rejection]) -> None:
        """Print why it was refused."""
        for each in rejections:
            self.line(f"{each.path or 'hand-in'}: {each.text} [{each.code}]")

    def _tell_state(self, data: Mapping[str, Any]) -> None:
        queue = data.get("queue")
        if queue:
            expected = numbers.finite(queue.get("expected_start_s"), 0.0)
            begins = "" if expected is None else f", begins in about {max(1, round(expected / 60))} min"
            self._tell_new_state(f"Waiting: place {queue.get('position', '?')}{begins}")
        elif data.get("state") == "running":
            self._tell_new_state("Grading")

    def _tell_new_state(self, words: str) -> None:
        """Print the line, unless it was the last such: every new stream begins with how things stand."""
        if words != self._state:
            self.line(words)
        self._state = words


class Files:
    """The files that were asked for; `-` for JSON is stdout."""

    def __init__(self, json_path: str | None, junit_path: Path | None):
        self._json_path = json_path
        self._junit_path = junit_path

    @property
    def are_wanted(self) -> bool:
        """Whether any was asked for."""
        return self._json_path is not None or self._junit_path is not None

    @property
    def paths(self) -> list[Path]:
        """Where files are written."""
        json_path = None if self._json_path in (None, "-") else Path(str(self._json_path))
        return [path for path in (json_path, self._junit_path) if path is not None]

    def write(self, report: str, junit: str) -> None:
        """Write the report as JSON and as JUnit; Ending if a file can't be written."""
        if self._json_path == "-":
            sys.stdout.write(report)
        elif self._json_path is not None:
            _write(Path(self._json_path), report)
        if self._junit_path is not None:
            _write(self._junit_path, junit)

    def write_rejection(self, unit: str, rejections: tuple[Rejection, ...]) -> None:
        """Write the same for a hand-in that was refused before there was a submission."""
        result = GradingResult(unit, Status.REJECTED, rejected=rejections)
        self.write(json.dumps(result.to_json(), indent=2) + "\n", render_junit(result))


def _write(path: Path, content: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise Ending(Exit.USAGE, f"{path} can't be written: {error.strerror}") from error


def _size(count: int) -> str:
    return f"{count / MIB:.1f} MiB" if count >= MIB else f"{max(1, round(count / 1024))} KiB"


def _listed(paths: Sequence[str]) -> str:
    more = len(paths) - _MAX_LISTED
    return ", ".join(paths[:_MAX_LISTED]) + (f" and {more} more" if more > 0 else "")
