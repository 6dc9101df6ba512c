"""Who is to be marked and how far that is: the students of a unit, with their marks by item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import CourseUnit, Enrolment, Role, RubricItem, RubricMark, User
from grader.marking.points import DECIMALS


@dataclass(frozen=True)
class SheetRow:
    """One student, with the points by item id of what is marked; `asked` counts the rubric's items."""

    user_id: int
    name: str
    email: str
    section: str | None
    points: dict[int, float]
    asked: int

    @property
    def is_done(self) -> bool:
        """Whether every item is marked."""
        return len(self.points) == self.asked

    @property
    def total(self) -> float | None:
        """All points; None before the first mark."""
        return round(sum(self.points.values()), DECIMALS) if self.points else None

    def is_called(self, wanted: str) -> bool:
        """Whether name, address or section contain what somebody looks for."""
        return wanted.casefold() in f"{self.name}\n{self.email}\n{self.section or ''}".casefold()


def sheet(session: Session, unit: CourseUnit, items: Sequence[RubricItem]) -> list[SheetRow]:
    """Return the students who are in the course now, by name, with their marks for these items."""
    students = session.execute(
        sa.select(User.id, User.name, User.email, Enrolment.section)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(
            Enrolment.course_id == unit.course_id,
            Enrolment.role == Role.STUDENT,
            Enrolment.ended_at.is_(None),
        )
        .order_by(sa.func.lower(User.name), User.id)
    ).all()
    marks: dict[int, dict[int, float]] = {}
    for item_id, user_id, points in session.execute(
        sa.select(RubricMark.item_id, RubricMark.user_id, RubricMark.points).where(
            RubricMark.item_id.in_([item.id for item in items])
        )
    ):
        marks.setdefault(user_id, {})[item_id] = points
    return [
        SheetRow(user_id, name, email, section, marks.get(user_id, {}), len(items))
        for user_id, name, email, section in students
    ]


@dataclass(frozen=True)
class Neighbours:
    """Who comes before and after a student in the filtered list, and where in it the student stands."""

    previous: SheetRow | None
    next: SheetRow | None
    place: int
    of: int


def neighbours(rows: Sequence[SheetRow], user_id: int, wanted: str, only_unmarked: bool) -> Neighbours:
    """Return the neighbours among those whom the filter shows.

    The student keeps the place by name, also when the filter does not show them any more.
    """
    at = next(index for index, row in enumerate(rows) if row.user_id == user_id)

    def shown(some: Sequence[SheetRow]) -> list[SheetRow]:
        return [row for row in some if row.is_called(wanted) and not (only_unmarked and row.is_done)]

    before, after = shown(rows[:at]), shown(rows[at + 1 :])
    is_shown = bool(shown(rows[at : at + 1]))
    return Neighbours(
        before[-1] if before else None,
        after[0] if after else None,
        len(before) + 1,
        len(before) + len(after) + is_shown,
    )
