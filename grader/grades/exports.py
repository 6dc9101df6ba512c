"""The gradebook as tables for people's own programs, for Canvas and for Moodle.

A table is a list of rows, the first of them the header; what stands in it is a text, a number, or None for
an empty cell. Canvas and Moodle show what they import to students: units that are not published, or whose
grades are withheld, are left out there. Neither takes a missing grade for a zero; whoever wants zeros gives
them there. Canvas knows `EX` for an excused student. Moodle knows no such word: an empty cell leaves the
grade there as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from grader.grades.grade import Basis
from grader.grades.gradebook import Cell, Column, Student

Value: TypeAlias = str | float | None
Table: TypeAlias = list[list[Value]]

CANVAS_PERSON = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
CANVAS_POINTS_POSSIBLE = "    Points Possible"
CANVAS_EXCUSED = "EX"
MOODLE_PERSON = ("ID number", "Email address", "Full name")
OWN_PERSON = ("Name", "E-mail address", "Student number", "Section", "Left on")


def own_table(columns: Sequence[Column], students: Sequence[Student]) -> Table:
    """Return everything: of each unit the parts of the points, days late and what is to be said of them."""
    header: list[Value] = [*OWN_PERSON]
    for column in columns:
        parts = ("score", "rubric", "points") if column.has_rubric else ("score",)
        header += [f"{column.unit.slug} {part}" for part in (*parts, "days late", "note")]
    table = [[*header, "Total", "Possible", "Percent"]]
    for student in students:
        left_on = None if student.ended_at is None else student.ended_at.date().isoformat()
        row: list[Value] = [student.name, student.email, student.number, student.section, left_on]
        for column, cell in zip(columns, student.cells, strict=True):
            row += [cell.grade.score, *([cell.rubric, cell.points] if column.has_rubric else [])]
            row += [cell.grade.days_late or None, note(cell)]
        percent = None if student.share is None else 100 * student.share
        table.append([*row, student.total, student.possible, percent])
    return table


def note(cell: Cell) -> str | None:
    """Return what explains the cell's score, or why there is none; None for a plain score."""
    match cell.grade.basis:
        case Basis.EXCUSED:
            return "excused"
        case Basis.DECIDED:
            return "set by staff"
        case Basis.CHOSEN:
            return "chosen by staff"
    if cell.is_waiting:
        return "being graded"
    if cell.grade.score is not None:
        return None
    return "no score" if cell.is_handed_in else "not handed in"


def canvas_table(columns: Sequence[Column], students: Sequence[Student]) -> Table:
    """Return what Canvas's gradebook imports: it finds people by SIS ID, else by login ID or name."""
    told = list(_told(columns))
    table: Table = [
        [*CANVAS_PERSON, *_titles(columns, told)],
        [CANVAS_POINTS_POSSIBLE, None, None, None, None, *(column.max_points for _, column in told)],
    ]
    for student in students:
        person = (student.name, None, student.number, student.email, student.section)
        table.append([*person, *_points(student, told, CANVAS_EXCUSED)])
    return table


def moodle_table(columns: Sequence[Column], students: Sequence[Student]) -> Table:
    """Return what Moodle's import of grades takes, with people by ID number or e-mail address."""
    told = list(_told(columns))
    table: Table = [[*MOODLE_PERSON, *_titles(columns, told)]]
    for student in students:
        table.append([student.number, student.email, student.name, *_points(student, told, None)])
    return table


def _told(columns: Sequence[Column]) -> Iterator[tuple[int, Column]]:
    """Yield the columns that students may know, with their places."""
    for place, column in enumerate(columns):
        if column.unit.is_published and not column.unit.are_grades_withheld:
            yield place, column


def _titles(columns: Sequence[Column], told: Sequence[tuple[int, Column]]) -> list[str]:
    """Return the units' titles; of those called the same, each with its name in addresses."""
    times = Counter(column.unit.title for column in columns)
    units = [column.unit for _, column in told]
    return [unit.title if times[unit.title] == 1 else f"{unit.title} [{unit.slug}]" for unit in units]


def _points(student: Student, told: Sequence[tuple[int, Column]], excused: str | None) -> list[Value]:
    cells = [student.cells[place] for place, _ in told]
    return [excused if cell.is_excused else cell.points for cell in cells]
