"""Gradebooks made up without a database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from grader.db.models import CourseUnit
from grader.grades.grade import Basis, Grade
from grader.grades.gradebook import NO_GRADE, Cell, Column, Student

NOTHING = Cell(NO_GRADE, None, None, None, False)
WAITING = Cell(NO_GRADE, None, None, "waiting", True)
FAILED = Cell(NO_GRADE, None, None, "failed", False)
EXCUSED = Cell(Grade(Basis.EXCUSED), None, None, None, False)


def column(slug: str = "nn", rubric: float | None = None, **fields: Any) -> Column:
    usual = {"title": f"Unit {slug}", "is_published": True, "are_grades_withheld": False}
    return Column(CourseUnit(slug=slug, **{**usual, **fields}), 100.0 + (rubric or 0.0), rubric is not None)


def scored(
    points: float, days_late: int = 0, basis: Basis = Basis.ATTEMPT, rubric: float | None = None
) -> Cell:
    grade = Grade(basis, points, points, 1, days_late)
    return Cell(grade, rubric, points + (rubric or 0.0), "scored", False)


def student(name: str, *cells: Cell, ended_at: datetime | None = None, **fields: Any) -> Student:
    usual = {"email": f"{name.split()[0].lower()}@example.org", "number": None, "section": None}
    total = sum(cell.points or 0.0 for cell in cells)
    possible = 100.0 * sum(not cell.is_excused for cell in cells)
    return Student(
        id=1,
        name=name,
        enrolment_id=1,
        ended_at=ended_at,
        cells=cells,
        total=total,
        possible=possible,
        **{**usual, **fields},
    )
