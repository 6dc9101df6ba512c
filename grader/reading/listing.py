"""The code page as data: which files are shown, and at which line a flag or a comment stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.db.models import Comment
from grader.judging.result import ReviewFlag
from grader.reading.files import (
    HandIn,
    in_reading_order,
    is_notebook,
    is_text,
    line_count,
    source_file,
)
from grader.reading.highlighting import Ink, python_markup
from grader.units import Unit

MAX_OPEN_LINES = 4_000  # of all files together: what follows is opened on its own
MAX_OPEN_BYTES = 256 * 1024

Remarks = Mapping[int, tuple[list[ReviewFlag], list[Comment]]]


@dataclass(frozen=True)
class ListedLine:
    """A line with what is said about it."""

    number: int
    markup: Markup
    flags: Sequence[ReviewFlag] = ()
    comments: Sequence[Comment] = ()


@dataclass(frozen=True)
class ListedFile:
    """A file; `lines` is None unless it is open, and `note` says what of it is not shown then.

    `is_unchanged`: it is as in the template; `is_elsewhere`: it is not graded. `flags` and `comments` are
    about the file as a whole, or about lines that are not shown. `first_flag` and `first_comment` are the
    anchors of the first of either in the file, "" for none.
    """

    anchor: str
    path: str
    size_bytes: int
    line_count: int
    is_text: bool
    is_notebook: bool
    note: str
    lines: tuple[ListedLine, ...] | None
    is_unchanged: bool
    is_elsewhere: bool
    flags: Sequence[ReviewFlag]
    comments: Sequence[Comment]
    flag_count: int
    comment_count: int
    first_flag: str
    first_comment: str


@dataclass(frozen=True)
class Listing:
    """All files, in the order of reading; `flags` and `comments` are about none of them."""

    files: tuple[ListedFile, ...]
    flags: Sequence[ReviewFlag]
    comments: Sequence[Comment]


def make_listing(
    hand_in: HandIn,
    unit: Unit,
    template: Mapping[str, bytes],
    flags: Iterable[ReviewFlag],
    comments: Iterable[Comment],
    opened: str = "",
) -> Listing:
    """Return what the page shows; `opened` is the path of a file that is shown whatever it is."""
    remarks = _by_place(flags, comments)
    files, lines_left, bytes_left = [], MAX_OPEN_LINES, MAX_OPEN_BYTES
    graded, ink = in_reading_order(hand_in.files, unit), Ink()
    for number, path in enumerate((*graded, *sorted(hand_in.elsewhere)), start=1):
        content, of_file = hand_in.content(path) or b"", remarks.pop(path, {})
        is_unchanged, is_elsewhere = template.get(path) == content, number > len(graded)
        is_wanted = bool(of_file) or not (is_unchanged or is_elsewhere or is_notebook(path))
        fits = line_count(content) <= lines_left and len(content) <= bytes_left
        is_open = is_text(content) and (path == opened or (is_wanted and fits))
        if is_open and path != opened:
            lines_left, bytes_left = lines_left - line_count(content), bytes_left - len(content)
        files.append(_listed(number, path, content, of_file, ink, is_open, is_unchanged, is_elsewhere))
    rest = [entry for of_file in remarks.values() for entry in of_file.values()]
    return Listing(
        tuple(files), [flag for some, _ in rest for flag in some], [one for _, some in rest for one in some]
    )


def _by_place(flags: Iterable[ReviewFlag], comments: Iterable[Comment]) -> dict[str, Remarks]:
    places: dict[str, dict[int, tuple[list[ReviewFlag], list[Comment]]]] = {}
    for flag in flags:
        places.setdefault(flag.file, defaultdict(lambda: ([], [])))[flag.line][0].append(flag)
    for comment in comments:
        places.setdefault(comment.file, defaultdict(lambda: ([], [])))[comment.line][1].append(comment)
    return dict(places)


def _listed(
    number: int,
    path: str,
    content: bytes,
    remarks: Remarks,
    ink: Ink,
    is_open: bool,
    is_unchanged: bool,
    is_elsewhere: bool,
) -> ListedFile:
    lines, note = _lines(path, content, remarks, ink) if is_open else ((), "")
    flagged = (
        f"f{number}-{at}" if 1 <= at <= len(lines) else f"f{number}"
        for at in sorted(remarks)
        if remarks[at][0]
    )
    commented = (f"comment-{each.public_id}" for at in sorted(remarks) for each in remarks[at][1])
    apart = [entry for at, entry in sorted(remarks.items()) if not 1 <= at <= len(lines)]
    return ListedFile(
        anchor=f"f{number}",
        path=path,
        size_bytes=len(content),
        line_count=line_count(content),
        is_text=is_text(content),
        is_notebook=is_notebook(path),
        note=note,
        lines=lines if is_open else None,
        is_unchanged=is_unchanged,
        is_elsewhere=is_elsewhere,
        flags=[flag for flags, _ in apart for flag in flags],
        comments=[comment for _, comments in apart for comment in comments],
        flag_count=sum(len(flags) for flags, _ in remarks.values()),
        comment_count=sum(len(comments) for _, comments in remarks.values()),
        first_flag=next(flagged, ""),
        first_comment=next(commented, ""),
    )


def _lines(path: str, content: bytes, remarks: Remarks, ink: Ink) -> tuple[tuple[ListedLine, ...], str]:
    """Return the lines with what is said of them, and what of the file is not shown."""
    source = source_file(path, content)
    shown = source.lines or ()
    markup = python_markup(shown, ink) if source.is_python else [Markup.escape(line) for line in shown]
    lines = (ListedLine(at, text, *remarks.get(at, ((), ()))) for at, text in enumerate(markup, start=1))
    return tuple(lines), source.left_out
