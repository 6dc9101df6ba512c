"""The Python files of a hand-in as text, bounded; nothing is written to disk."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.errors import RejectedError
from grader.submissions.archive import read_archive_bytes
from grader.units import Unit

MAX_FILES = 100
MAX_FILE_BYTES = 256 * 1024
MAX_BYTES = 1024 * 1024  # of all files together

_LINE_BREAK = re.compile(r"\r\n?")


def python_sources(content: bytes, filename: str, unit: Unit) -> dict[str, str] | None:
    """Return the hand-in's Python files by path, tests left out; None for an archive that is refused by now.

    A file that is too long is left out, and so is what comes after so many files.
    """
    try:
        files = read_archive_bytes(content, filename, unit.package, unit.required_files).files
    except RejectedError:
        return None
    return texts_of({path: data for path, data in files.items() if path != unit.public_tests})


def template_sources(unit: Unit) -> dict[str, str]:
    """Return the template's Python files by path."""
    return texts_of(
        {
            path.relative_to(unit.template).as_posix(): path.read_bytes()
            for path in sorted(unit.template.rglob("*.py"))
        }
    )


def texts_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return those of the files that are Python and not too long, decoded, with lines that end in \\n."""
    texts: dict[str, str] = {}
    left = MAX_BYTES
    for path, data in sorted(files.items()):
        if path.endswith(".py") and len(data) <= min(MAX_FILE_BYTES, left) and len(texts) < MAX_FILES:
            left -= len(data)
            texts[path] = _LINE_BREAK.sub("\n", data.decode("utf-8-sig", errors="replace"))
    return texts
