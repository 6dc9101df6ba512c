"""What changed between two sets of files: file by file, line by line, with unchanged stretches folded."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from itertools import accumulate, zip_longest

from markupsafe import Markup

from grader.reading.files import SourceFile, is_notebook, is_text, line_count, source_file
from grader.reading.highlighting import Ink, python_markup

MAX_COMPARED_LINES = 2_000  # of one file: comparing takes up to the square of it
MAX_COMPARED_BYTES = 256 * 1024
MAX_LINES_IN_ALL = 12_000  # of both sides of all files that differ
MAX_BYTES_IN_ALL = 512 * 1024
MAX_STEPS_IN_ALL = 4_000_000  # pairs of equal lines that are looked at: about half a second
CONTEXT_LINES = 3
CUT_SHORT = (
    "So many lines occur again and again that comparing them closely would take too long: "
    "some that are the same are shown as changed."
)


class Fate(enum.StrEnum):
    """What became of a file."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    SAME = "unchanged"


@dataclass(frozen=True)
class Line:
    """A line and its number, from 1, in its file."""

    number: int
    markup: Markup


@dataclass(frozen=True)
class Row:
    """Two lines side by side; None where one side has no line. `is_same`: they are equal."""

    old: Line | None
    new: Line | None
    is_same: bool


@dataclass(frozen=True)
class Stretch:
    """Consecutive rows, all equal or all not. Equal ones that are far from any change are `is_folded`."""

    rows: tuple[Row, ...]
    is_same: bool
    is_folded: bool = False

    @property
    def old(self) -> list[Line]:
        """The older side's lines."""
        return [row.old for row in self.rows if row.old is not None]

    @property
    def new(self) -> list[Line]:
        """The newer side's lines."""
        return [row.new for row in self.rows if row.new is not None]


@dataclass(frozen=True)
class FileDifference:
    """One file before and after; no `stretches` for what is unchanged or can't be compared: see `note`.

    With stretches, `note` says what is to be known of them.
    """

    path: str
    fate: Fate
    stretches: tuple[Stretch, ...] = ()
    added: int = 0
    removed: int = 0
    note: str = ""


def compare_files(
    old: Mapping[str, bytes], new: Mapping[str, bytes], paths: Iterable[str], *, is_folded: bool = True
) -> list[FileDifference]:
    """Return what became of the files at these paths, each of which one of the sides has."""
    made, lines_left, bytes_left = [], MAX_LINES_IN_ALL, MAX_BYTES_IN_ALL
    budget = _Budget(MAX_STEPS_IN_ALL, Ink())
    for path in paths:
        before, after = old.get(path), new.get(path)
        if before == after:
            made.append(FileDifference(path, Fate.SAME))
            continue
        fate = Fate.ADDED if before is None else Fate.REMOVED if after is None else Fate.CHANGED
        contents = (before or b"", after or b"")
        lines, size = sum(map(line_count, contents)), sum(map(len, contents))
        note = _obstacle(path, contents)
        if not note and (lines > lines_left or size > bytes_left):
            note = "There is too much on this page already, so this file was not compared."
        if note:
            made.append(FileDifference(path, fate, note=note))
            continue
        lines_left, bytes_left = lines_left - lines, bytes_left - size
        made.append(_compare(path, fate, contents, is_folded, budget))
    return made


@dataclass
class _Budget:
    """What all comparisons of one page may still take: steps of comparing, and colours."""

    steps_left: int
    ink: Ink


class _Matcher(SequenceMatcher[str]):
    """Finds what two files share until the budget is used up; what is not found by then counts as changed.

    Else lines that occur often, each between two that occur once, cost up to the cube of their number.
    """

    b2j: dict[str, list[int]]  # where a line stands in the newer file, but for those that stand everywhere

    def __init__(self, old: Sequence[str], new: Sequence[str], budget: _Budget):
        super().__init__(None, old, new)
        self._budget = budget
        steps = (1 + len(self.b2j.get(line, ())) for line in old)
        self._steps = list(accumulate(steps, initial=0))  # to look at all lines before this one
        self.is_cut_short = False

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Return the longest stretch that both share within these lines; none once the budget is used up."""
        end = len(self._steps) - 1 if ahi is None else ahi
        self._budget.steps_left -= self._steps[end] - self._steps[alo]
        if self._budget.steps_left < 0:
            self.is_cut_short = True
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


def _obstacle(path: str, contents: tuple[bytes, bytes]) -> str:
    """Return why the two are not compared line by line; "" if they are."""
    if is_notebook(path):
        return "Notebooks are not compared line by line."
    if not all(map(is_text, contents)):
        return "This is no text, so it has no lines to compare."
    if max(map(line_count, contents)) > MAX_COMPARED_LINES or max(map(len, contents)) > MAX_COMPARED_BYTES:
        return f"Files of more than {MAX_COMPARED_LINES:,} lines are not compared line by line."
    return ""


def _compare(
    path: str, fate: Fate, contents: tuple[bytes, bytes], is_folded: bool, budget: _Budget
) -> FileDifference:
    before, after = (source_file(path, content) for content in contents)
    if before.lines == after.lines:
        return FileDifference(path, fate, note="Only line ends, the file's end, or what is cut off differs.")
    matcher = _Matcher(before.lines or (), after.lines or (), budget)
    whole = list(_stretches(before, after, matcher, budget.ink))
    return FileDifference(
        path,
        fate,
        tuple(_folded(whole) if is_folded else whole),
        added=sum(len(each.new) for each in whole if not each.is_same),
        removed=sum(len(each.old) for each in whole if not each.is_same),
        note=CUT_SHORT if matcher.is_cut_short else "",
    )


def _stretches(before: SourceFile, after: SourceFile, matcher: _Matcher, ink: Ink) -> Iterator[Stretch]:
    old, new = _numbered(before, ink), _numbered(after, ink)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        is_same = kind == "equal"
        pairs = zip_longest(old[i1:i2], new[j1:j2])
        yield Stretch(tuple(Row(one, other, is_same) for one, other in pairs), is_same)


def _numbered(file: SourceFile, ink: Ink) -> list[Line]:
    lines = file.lines or ()
    shown = python_markup(lines, ink) if file.is_python else [Markup.escape(line) for line in lines]
    return [Line(number, markup) for number, markup in enumerate(shown, start=1)]


def _folded(whole: list[Stretch]) -> Iterator[Stretch]:
    """Yield the stretches with a few equal lines left around each change, and the rest of them folded."""
    for number, stretch in enumerate(whole):
        head = CONTEXT_LINES if number > 0 else 0
        tail = CONTEXT_LINES if number < len(whole) - 1 else 0
        if not stretch.is_same or len(stretch.rows) <= head + tail + 1:
            yield stretch
            continue
        end = len(stretch.rows) - tail
        for rows, is_folded in (
            (stretch.rows[:head], False),
            (stretch.rows[head:end], True),
            (stretch.rows[end:], False),
        ):
            if rows:
                yield Stretch(rows, True, is_folded)
