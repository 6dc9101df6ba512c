"""Two hand-ins side by side, as lines with the parts that match; what a reader may not see is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from pygments.lexers.python import PythonLexer
from pygments.token import String

from grader.db.models import Submission
from grader.reading.highlighting import MAX_CHARS, Ink, python_markup
from grader.report.text import visible
from grader.similarity.matching import Block, Place
from grader.similarity.sources import python_sources, template_sources
from grader.units import Unit

MAX_LINES = 4_000  # of one side
MAX_LINE_CHARS = 500
ANOTHER_FILE = "another file"


@dataclass(frozen=True)
class SideLine:
    """A line; `block` is the number of the part that it is of, 0 for none; `begins`: it is its first."""

    number: int
    markup: Markup
    block: int = 0
    begins: bool = False


@dataclass(frozen=True)
class SideFile:
    """A file; `part` is how much of its own code is in the other hand-in, 0 to 1, None if it has none."""

    name: str
    part: float | None
    lines: tuple[SideLine, ...]


@dataclass(frozen=True)
class Match:
    """A part that matches, as the list of them tells it."""

    number: int
    block: Block
    first_name: str
    second_name: str


def side(
    submission: Submission,
    unit: Unit,
    evidence: Mapping[str, Any],
    which: str,
    places: Sequence[Place],
    is_whole: bool,
) -> tuple[SideFile, ...]:
    """Return one side, `which` first or second; `places` are its parts that match, from number 1.

    Not `is_whole`: only lines that match, without comments and texts, and no file names but the template's.
    """
    sources = python_sources(submission.archive.content, submission.filename, unit) or {}
    template = template_sources(unit)
    left, ink = MAX_LINES, Ink()
    files = []
    for path in sorted(sources, key=lambda each: _order(each, unit)):
        marks = {
            line: (number, line == place.first)
            for number, place in enumerate(places, start=1)
            if place.path == path
            for line in range(place.first, place.last + 1)
        }
        if sources[path] == template.get(path) or not (is_whole or marks):
            continue
        lines = _lines(sources[path], marks, is_whole, ink)[:left]
        left -= len(lines)
        files.append(
            SideFile(shown_name(path, template, is_whole), evidence["files"][which].get(path), lines)
        )
    return tuple(files)


def shown_name(path: str, template: Mapping[str, str], is_whole: bool) -> str:
    """Return the file's name; a name that its writer chose may tell who that is."""
    return visible(path) if is_whole or path in template else ANOTHER_FILE


def _order(path: str, unit: Unit) -> tuple[int, str]:
    name = path.removeprefix(f"{unit.package_folder}/")
    required = list(unit.required_files)
    return (required.index(name) if name in required else len(required)), path


def _lines(
    text: str, marks: Mapping[int, tuple[int, bool]], is_whole: bool, ink: Ink
) -> tuple[SideLine, ...]:
    lines = (text if is_whole else _without_words(text)).removesuffix("\n").split("\n")
    markup = python_markup([visible(line[:MAX_LINE_CHARS]) for line in lines], ink)
    return tuple(
        SideLine(number, shown, *marks.get(number, (0, False)))
        for number, shown in enumerate(markup, start=1)
        if is_whole or number in marks
    )


def _without_words(text: str) -> str:
    """Return the source without comments and texts, in which somebody may have left a name; lines stay.

    Of a source on which a lexer may spend minutes, nothing is left but its lines. Empty ones are kept from
    it: over many of them its time grows with their square.
    """
    lines = text.split("\n")
    filled = [line for line in lines if line.strip()]
    if len(text) > MAX_CHARS or any(len(line) > MAX_LINE_CHARS for line in lines):
        return "\n".join("…" if line.strip() else "" for line in lines)
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    left = "".join(
        "…" + "\n" * part.count("\n") if kind[:1] == ("Comment",) or kind[:2] == tuple(String) else part
        for kind, part in lexer.get_tokens("\n".join(filled))
    )
    shown = iter(left.split("\n"))
    return "\n".join(next(shown, "") if line.strip() else "" for line in lines)
