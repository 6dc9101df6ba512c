"""Which students of a gradebook are shown, in what order, and what they have in common: pure functions."""

from __future__ import annotations

import enum
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from grader.grades.grade import Basis
from grader.grades.gradebook import Cell, Column, Gradebook, Student


class State(enum.StrEnum):
    """What can be the matter with a student's unit."""

    NOT_HANDED_IN = "not-handed-in"
    WAITING = "waiting"  # a submission waits or is being graded
    NO_SCORE = "no-score"  # handed in, and no score for whatever reason
    LATE = "late"  # what counts came in late
    EXCUSED = "excused"
    DECIDED = "decided"  # the score, or which submission counts, by staff
    BELOW = "below"  # fewer points than a share of what can be had; no points are 0


@dataclass(frozen=True)
class Selection:
    """What is asked for. `state` is about the unit with the slug `unit`; without it, about any.

    `below_percent` is the share for State.BELOW, which without a unit is about the total. `sort` is one of
    name, email, number, section, total, share and `unit:SLUG`, with a minus before it to turn it around.
    """

    search: str = ""
    section: str = ""
    unit: str = ""
    state: State | None = None
    below_percent: float = 50.0
    sort: str = "name"


@dataclass(frozen=True)
class Figures:
    """Of one column: the median of all points that count, and how many of those not excused handed in."""

    median: float | None
    handed_in: int
    expected: int


def selected(book: Gradebook, selection: Selection) -> list[Student]:
    """Return the students who match, in the order asked for; whoever has no value comes last."""
    found = [student for student in book.students if _matches(book.columns, student, selection)]
    return _sorted(book.columns, found, selection.sort)


def figures(students: Sequence[Student], column: int) -> Figures:
    """Return the figures of the column with this number, of these students."""
    cells = [student.cells[column] for student in students]
    expected = [cell for cell in cells if not cell.is_excused]
    return Figures(
        median(cell.points for cell in cells), sum(cell.is_handed_in for cell in expected), len(expected)
    )


def median(values: Iterable[float | None]) -> float | None:
    """Return the median of the values that are there; None if none is."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def is_in(state: State, cell: Cell, max_points: float, below_percent: float) -> bool:
    """Whether the cell is in this state."""
    grade = cell.grade
    match state:
        case State.NOT_HANDED_IN:
            return not cell.is_handed_in and grade.score is None and not cell.is_excused
        case State.WAITING:
            return cell.is_waiting
        case State.NO_SCORE:
            return cell.is_handed_in and grade.score is None and not cell.is_excused
        case State.LATE:
            return grade.days_late > 0
        case State.EXCUSED:
            return cell.is_excused
        case State.DECIDED:
            return grade.basis in (Basis.DECIDED, Basis.CHOSEN)
        case State.BELOW:
            return not cell.is_excused and (cell.points or 0.0) * 100 < below_percent * max_points


def _matches(columns: Sequence[Column], student: Student, selection: Selection) -> bool:
    facts = (student.name, student.email, student.number or "")
    if selection.search.casefold() not in "\n".join(facts).casefold():
        return False
    if selection.section and student.section != selection.section:
        return False
    if selection.state is None:
        return True
    if selection.state is State.BELOW and not selection.unit:
        return student.share is not None and student.share * 100 < selection.below_percent
    return any(
        is_in(selection.state, cell, column.max_points, selection.below_percent)
        for cell, column in zip(student.cells, columns, strict=True)
        if selection.unit in ("", column.unit.slug)
    )


def _sorted(columns: Sequence[Column], students: list[Student], sort: str) -> list[Student]:
    key = _key(columns, sort.removeprefix("-"))
    known = [student for student in students if key(student) is not None]
    known.sort(key=key, reverse=sort.startswith("-"))
    return known + [student for student in students if key(student) is None]


def _key(columns: Sequence[Column], name: str) -> Callable[[Student], Any]:
    for number, column in enumerate(columns):
        if name == f"unit:{column.unit.slug}":
            return lambda student: student.cells[number].points
    match name:
        case "email" | "total" | "share":
            return lambda student: getattr(student, name)
        case "number" | "section":
            return lambda student: getattr(student, name) or None
        case _:
            return lambda student: (student.name.casefold(), student.email)
