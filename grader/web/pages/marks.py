"""What people gave a student by the rubric, for the student."""

from __future__ import annotations

from dataclasses import dataclass

from grader.db.models import Role, RubricItem, RubricMark
from grader.marking.items import items_of
from grader.marking.marks import marks_of
from grader.marking.points import RubricPoints, rubric_points_of
from grader.web.access import UnitAccess
from grader.web.service import reading


@dataclass(frozen=True)
class MarksShown:
    """The rubric's items with the student's marks by item id, and what they add up to."""

    items: list[RubricItem]
    marks: dict[int, RubricMark]
    points: RubricPoints


def marks_shown(access: UnitAccess) -> MarksShown | None:
    """Return what a student sees of the rubric: before any mark what will be asked, and nothing while
    grades are withheld. None also for staff, and for a unit without a rubric."""
    if access.role is not Role.STUDENT or access.unit.are_grades_withheld:
        return None
    points = rubric_points_of(reading(), access.unit.id, access.user.id)
    if points is None:
        return None
    marks = marks_of(reading(), access.unit.id, access.user.id)
    return MarksShown(items_of(reading(), access.unit.id), marks, points)
