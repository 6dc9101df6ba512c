"""The lines that a flag is about, from the archive as it was handed in."""

from __future__ import annotations

from dataclasses import dataclass

from grader.reading.files import HandIn, source_file
from grader.review.queue import Flag

LINES_AROUND = 3


@dataclass(frozen=True)
class Line:
    """A line of a file, by its number from 1; `is_meant` if it is the flagged one."""

    number: int
    text: str
    is_meant: bool


def lines_around(hand_in: HandIn, flag: Flag) -> list[Line]:
    """Return the flagged line with some before and after it; none for a flag that is about no line."""
    content = hand_in.content(flag.file)
    lines = None if content is None else source_file(flag.file, content).lines
    if not lines or not 1 <= flag.line <= len(lines):
        return []
    first = max(1, flag.line - LINES_AROUND)
    return [
        Line(number, text, number == flag.line)
        for number, text in enumerate(lines[first - 1 : flag.line + LINES_AROUND], first)
    ]
