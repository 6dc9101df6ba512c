"""What students have from people: their marks of a unit's rubric, added up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import RubricItem, RubricMark

DECIMALS = 2  # marks have no more, see marks.py


class RubricPoints(NamedTuple):
    """Points out of the rubric's maximum; an item that is not marked yet gives none."""

    points: float
    max_points: float


def rubric_points(session: Session, course_unit_id: int) -> dict[int, RubricPoints]:
    """Return the points by user id of everyone who has a mark; empty if nothing is marked or asked."""
    return rubric_points_of_units(session, [course_unit_id])[course_unit_id]


def rubric_points_of(session: Session, course_unit_id: int, user_id: int) -> RubricPoints | None:
    """Return one student's points, 0 before any mark; None for a unit without a rubric."""
    most = rubric_max(session, [course_unit_id]).get(course_unit_id)
    if most is None:
        return None
    got = session.scalar(
        sa.select(sa.func.sum(RubricMark.points))
        .join(RubricItem, RubricMark.item_id == RubricItem.id)
        .where(
            RubricItem.course_unit_id == course_unit_id,
            RubricItem.retired_at.is_(None),
            RubricMark.user_id == user_id,
        )
    )
    return RubricPoints(round(got or 0.0, DECIMALS), most)


def rubric_points_of_units(
    session: Session, course_unit_ids: Iterable[int]
) -> dict[int, dict[int, RubricPoints]]:
    """Return `rubric_points` of each of these units, with as many queries as for one."""
    wanted = list(course_unit_ids)
    found: dict[int, dict[int, RubricPoints]] = {unit_id: {} for unit_id in wanted}
    most = rubric_max(session, wanted)
    if most:
        rows = session.execute(
            sa.select(RubricItem.course_unit_id, RubricMark.user_id, sa.func.sum(RubricMark.points))
            .join(RubricItem, RubricMark.item_id == RubricItem.id)
            .where(RubricItem.course_unit_id.in_(most), RubricItem.retired_at.is_(None))
            .group_by(RubricItem.course_unit_id, RubricMark.user_id)
        )
        for unit_id, user_id, points in rows:
            found[unit_id][user_id] = RubricPoints(round(points, DECIMALS), most[unit_id])
    return found


def rubric_max(session: Session, course_unit_ids: Iterable[int]) -> dict[int, float]:
    """Return the rubric's maximum by unit id, of the units that have one."""
    rows = session.execute(
        sa.select(RubricItem.course_unit_id, sa.func.sum(RubricItem.max_points))
        .where(RubricItem.course_unit_id.in_(list(course_unit_ids)), RubricItem.retired_at.is_(None))
        .group_by(RubricItem.course_unit_id)
    )
    return {unit_id: round(points, DECIMALS) for unit_id, points in rows}
