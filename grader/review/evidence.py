"""The lines that a flag is about, from the archive as it was handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.errors import RejectedError
from grader.report.text import clean
from grader.review.queue import Flag
from grader.submissions.archive import read_archive_bytes
from grader.units import Unit

LINES_AROUND = 3
MAX_LINE_CHARS = 300


@dataclass(frozen=True)
class Line:
    """A line of a file, by its number from 1; `is_meant` if it is the flagged one."""

    number: int
    text: str
    is_meant: bool


def files_of(content: bytes, filename: str, unit: Unit) -> Mapping[str, bytes]:
    """Return the hand-in's files by path; none if the unit refuses it by now."""
    try:
        return read_archive_bytes(content, filename, unit.package, unit.required_files).files
    except RejectedError:
        return {}


def lines_around(files: Mapping[str, bytes], flag: Flag) -> list[Line]:
    """Return the flagged line with some before and after it; none for a flag that is about no line."""
    content = files.get(flag.file)
    if content is None or flag.line < 1:
        return []
    lines = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if flag.line > len(lines):
        return []
    first = max(1, flag.line - LINES_AROUND)
    return [
        Line(number, _shown(text), number == flag.line)
        for number, text in enumerate(lines[first - 1 : flag.line + LINES_AROUND], first)
    ]


def _shown(line: str) -> str:
    text = line.expandtabs(4)
    return clean(text if len(text) <= MAX_LINE_CHARS else f"{text[: MAX_LINE_CHARS - 1]}…")
