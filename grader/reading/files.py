"""The files of a hand-in as lines that may be shown: printable, bounded, in the order of reading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.db.models import Archive
from grader.errors import RejectedError
from grader.report.text import visible
from grader.results.unit_files import template_files
from grader.submissions.archive import Submission, read_archive_bytes
from grader.units import LEFTOVERS, Unit

MAX_TEXT_BYTES = 512 * 1024  # what is longer is shown up to there
MAX_LINES = 5_000
MAX_LINE_CHARS = 1_000
TEXT_SNIFF_BYTES = 8_192
NOTEBOOK_SUFFIX = ".ipynb"

_LINE_BREAK = re.compile(r"\r\n?|\n")  # as Python counts lines, so that numbers of reports fit


@dataclass(frozen=True)
class SourceFile:
    """One file. `lines` is None for what is no text; `left_out` says what of the text is not shown."""

    path: str
    size_bytes: int
    lines: tuple[str, ...] | None
    left_out: str = ""

    @property
    def is_python(self) -> bool:
        """Whether its name says that it is Python."""
        return self.path.endswith(".py")


@dataclass(frozen=True)
class HandIn:
    """What was handed in: `files` as they were graded, by path, and what lies `elsewhere`, as in the archive.

    `problem` says why it can't be read by now, with both empty then.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    elsewhere: Mapping[str, bytes] = field(default_factory=dict)
    problem: str = ""

    def content(self, path: str) -> bytes | None:
        """Return the bytes of a file, wherever it lies; None if there is none."""
        return self.files.get(path, self.elsewhere.get(path))


def read_hand_in(archive: Archive, filename: str, unit: Unit) -> HandIn:
    """Read a stored archive; one that the unit refuses by now has a problem, and no files."""
    try:
        read: Submission = read_archive_bytes(archive.content, filename, unit.package, unit.required_files)
    except RejectedError as error:
        return HandIn(problem=" ".join(rejection.text for rejection in error.rejections[:3]))
    return HandIn(read.files, read.elsewhere)


def template_of(unit: Unit) -> dict[str, bytes]:
    """Return the files that students start from, by path."""
    return {path.relative_to(unit.template).as_posix(): path.read_bytes() for path in template_files(unit)}


def reference_of(unit: Unit) -> dict[str, bytes]:
    """Return the files of the solution, by path; for staff only."""
    return {
        path.relative_to(unit.reference).as_posix(): path.read_bytes()
        for path in sorted(Path(unit.reference).rglob("*.py"))
        if path.is_file() and not any(part in LEFTOVERS for part in path.parts)
    }


def is_notebook(path: str) -> bool:
    """Whether the name says that it is a notebook, which is read on a page of its own."""
    return path.endswith(NOTEBOOK_SUFFIX)


def is_text(content: bytes) -> bool:
    """Whether the file can be shown as lines."""
    return b"\0" not in content[:TEXT_SNIFF_BYTES]


def line_count(content: bytes) -> int:
    """Return about how many lines a text has, without reading it closely."""
    ends = max(content.count(b"\n"), content.count(b"\r"))
    return ends + (not content.endswith((b"\n", b"\r")) and content != b"")


def source_file(path: str, content: bytes) -> SourceFile:
    """Return the file as it may be shown."""
    if not is_text(content):
        return SourceFile(path, len(content), None)
    text = content[:MAX_TEXT_BYTES].decode("utf-8-sig", errors="replace")
    lines = _LINE_BREAK.split(text)
    if lines[-1] == "":
        lines.pop()  # the last line is ended, not followed by another
    shown = tuple(_shown(line) for line in lines[:MAX_LINES])
    notes = []
    if len(content) > MAX_TEXT_BYTES or len(lines) > MAX_LINES:
        notes.append(f"Shown are the first {len(shown):,} lines; download the hand-in to read the rest.")
    if any(len(line) > MAX_LINE_CHARS for line in lines[:MAX_LINES]):
        notes.append(f"Lines are shown up to {MAX_LINE_CHARS:,} characters.")
    return SourceFile(path, len(content), shown, " ".join(notes))


def in_reading_order(paths: Mapping[str, object], unit: Unit) -> list[str]:
    """Return the paths: what students are asked to write, the rest of the package, then everything else."""
    folder = unit.package_folder
    asked = {f"{folder}/{name}": number for number, name in enumerate(unit.required_files)}

    def place(path: str) -> tuple[bool, int, bool, bool, str]:
        is_within = path.startswith(f"{folder}/")
        return path not in asked, asked.get(path, 0), not is_within, not path.endswith(".py"), path

    return sorted(paths, key=place)


def _shown(line: str) -> str:
    return visible(line if len(line) <= MAX_LINE_CHARS else line[:MAX_LINE_CHARS] + " …")
