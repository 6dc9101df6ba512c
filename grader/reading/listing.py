"""The code page as data: which files are shown, and at which line a flag or a comment stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.db.models import Comment
from grader.judging.result import ReviewFlag
from grader.reading.files import HandIn, SourceFile, in_reading_order, source_file
from grader.reading.highlighting import python_markup
from grader.units import Unit

MAX_OPEN_LINES = 4_000  # of all files together: what follows is opened on its own

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
    """A file; `lines` is None unless it is open.

    `is_unchanged`: it is as in the template; `is_elsewhere`: it is not graded. `flags` and `comments` are
    about the file as a whole, or about lines that are not shown. `first_flag` and `first_comment` are the
    anchors of the first of either in the file, "" for none.
    """

    anchor: str
    source: SourceFile
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
    files, lines_left = [], MAX_OPEN_LINES
    graded = in_reading_order(hand_in.files, unit)
    for number, path in enumerate((*graded, *sorted(hand_in.elsewhere)), start=1):
        content = hand_in.content(path) or b""
        source = source_file(path, content)
        of_file = remarks.pop(path, {})
        is_usual = number <= len(graded) and template.get(path) != content and not source.is_notebook
        length = len(source.lines or ())
        is_open = source.lines is not None and (
            path == opened or (length <= lines_left and (is_usual or bool(of_file)))
        )
        lines_left -= length if is_open and path != opened else 0
        files.append(
            _listed(number, source, of_file, is_open, template.get(path) == content, number > len(graded))
        )
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
    number: int, source: SourceFile, remarks: Remarks, is_open: bool, is_unchanged: bool, is_elsewhere: bool
) -> ListedFile:
    shown = source.lines if is_open and source.lines is not None else ()
    markup = python_markup(shown) if source.is_python else [Markup.escape(line) for line in shown]
    lines = tuple(ListedLine(at, text, *remarks.get(at, ((), ()))) for at, text in enumerate(markup, start=1))
    flagged = (
        f"f{number}-{at}" if 1 <= at <= len(lines) else f"f{number}"
        for at in sorted(remarks)
        if remarks[at][0]
    )
    commented = (f"comment-{each.public_id}" for at in sorted(remarks) for each in remarks[at][1])
    apart = [entry for at, entry in sorted(remarks.items()) if not 1 <= at <= len(lines)]
    return ListedFile(
        f"f{number}",
        source,
        lines if is_open else None,
        is_unchanged,
        is_elsewhere,
        [flag for flags, _ in apart for flag in flags],
        [comment for _, comments in apart for comment in comments],
        sum(len(flags) for flags, _ in remarks.values()),
        sum(len(comments) for _, comments in remarks.values()),
        next(flagged, ""),
        next(commented, ""),
    )
