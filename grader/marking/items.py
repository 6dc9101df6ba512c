"""What is asked: the items of a unit's rubric, added, edited, reordered and retired."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import CourseUnit, RubricItem, RubricMark, User
from grader.grades.audit import record
from grader.marking.points import DECIMALS

MAX_POINTS = 1_000
MAX_TITLE_CHARS = 120
MAX_DESCRIPTION_CHARS = 2_000
MAX_ITEMS = 40


@dataclass(frozen=True)
class ItemFields:
    """What staff say of an item."""

    title: str
    description: str
    max_points: float


@dataclass(frozen=True)
class Actor:
    """Who changes something, and from which address."""

    user: User
    address: str | None = None


def read_number(text: str) -> float | None:
    """Return the points that somebody typed, with a point or a comma; None if they are none.

    They are not negative, and have at most two decimals.
    """
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    if not math.isfinite(number) or number < 0 or round(number, DECIMALS) != number:
        return None
    return abs(number)  # no -0


def read_item(title: str, description: str, max_points: str) -> tuple[ItemFields | None, dict[str, str]]:
    """Return what was typed as an item, or None and what is wrong with which field."""
    problems: dict[str, str] = {}
    title, description = " ".join(title.split()), description.replace("\r\n", "\n").strip()
    if not 0 < len(title) <= MAX_TITLE_CHARS:
        problems["title"] = f"Give the item a title of at most {MAX_TITLE_CHARS} characters."
    if len(description) > MAX_DESCRIPTION_CHARS:
        problems["description"] = f"At most {MAX_DESCRIPTION_CHARS} characters."
    number = read_number(max_points)
    if number is None or not 0 < number <= MAX_POINTS:
        problems["max_points"] = f"A number above 0, up to {MAX_POINTS}, with at most two decimals."
    if problems or number is None:
        return None, problems
    return ItemFields(title, description, number), {}


def items_of(session: Session, course_unit_id: int) -> list[RubricItem]:
    """Return the items that are asked, in their order."""
    return [item for item in _all(session, course_unit_id) if item.retired_at is None]


def retired_items_of(session: Session, course_unit_id: int) -> list[RubricItem]:
    """Return the items that are not asked any more."""
    return [item for item in _all(session, course_unit_id) if item.retired_at is not None]


def locked_item(session: Session, course_unit_id: int, item_id: int) -> RubricItem | None:
    """Return the unit's item with this id, locked against marks and other edits; None if it has none such.

    All items of the unit are locked, in the order in which marks lock them: who moves one writes to others.
    """
    locked = session.scalars(
        sa.select(RubricItem)
        .where(RubricItem.course_unit_id == course_unit_id)
        .order_by(RubricItem.id)
        .with_for_update()
    )
    return next((item for item in locked.all() if item.id == item_id), None)


def add_items(session: Session, unit: CourseUnit, fields: Sequence[ItemFields], actor: Actor) -> str:
    """Add items below those that there are; return why not, "" if done."""
    _lock_unit(session, unit.id)
    there = _all(session, unit.id)
    if len(there) + len(fields) > MAX_ITEMS:
        return f"A rubric has at most {MAX_ITEMS} items, retired ones included."
    next_position = max((item.position for item in there), default=-1) + 1
    for position, each in enumerate(fields, next_position):
        item = RubricItem(
            course_unit_id=unit.id,
            position=position,
            title=each.title,
            description=each.description,
            max_points=each.max_points,
        )
        session.add(item)
        _record(session, "rubric.add-item", unit, item, actor, {"max_points": item.max_points})
    return ""


def start_from(session: Session, unit: CourseUnit, fields: Sequence[ItemFields], actor: Actor) -> str:
    """Add a checklist's items to a rubric that has none; return why not, "" if done."""
    _lock_unit(session, unit.id)
    if _all(session, unit.id):
        return "The rubric has items already."
    return add_items(session, unit, fields, actor)


def edit_item(
    session: Session, unit: CourseUnit, item: RubricItem, fields: ItemFields, actor: Actor
) -> dict[str, str]:
    """Change the item, which is locked; return what is wrong with which field, nothing if done."""
    most = session.scalar(sa.select(sa.func.max(RubricMark.points)).where(RubricMark.item_id == item.id))
    if most is not None and most > fields.max_points:
        return {"max_points": f"Somebody has {most:g} points for it. Change that mark first."}
    before = ItemFields(item.title, item.description, item.max_points)
    if fields == before:
        return {}
    changed = {
        name: [getattr(before, name), getattr(fields, name)]
        for name in ("title", "description", "max_points")
        if getattr(before, name) != getattr(fields, name)
    }
    item.title, item.description, item.max_points = fields.title, fields.description, fields.max_points
    _record(session, "rubric.edit-item", unit, item, actor, {"changed": changed})
    return {}


def move_item(session: Session, unit: CourseUnit, item: RubricItem, up: bool, actor: Actor) -> None:
    """Let the item change places with the one above or below it; nothing happens at the end of the list."""
    _lock_unit(session, unit.id)
    order = items_of(session, unit.id)
    here = next((place for place, each in enumerate(order) if each.id == item.id), None)
    there = None if here is None else here + (-1 if up else 1)
    if here is None or there is None or not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for position, each in enumerate(order):
        each.position = position
    _record(session, "rubric.move-item", unit, item, actor, {"to": there + 1})


def retire_item(session: Session, unit: CourseUnit, item: RubricItem, actor: Actor) -> None:
    """Ask for the item no more; its marks are kept and do not count."""
    if item.retired_at is None:
        item.retired_at = now()
        _record(session, "rubric.retire-item", unit, item, actor, {})


def restore_item(session: Session, unit: CourseUnit, item: RubricItem, actor: Actor) -> None:
    """Ask for a retired item again, at the end of the list; its marks count again."""
    if item.retired_at is not None:
        item.retired_at = None
        item.position = max(each.position for each in _all(session, unit.id)) + 1
        _record(session, "rubric.restore-item", unit, item, actor, {})


def _all(session: Session, course_unit_id: int) -> list[RubricItem]:
    return list(
        session.scalars(
            sa.select(RubricItem)
            .where(RubricItem.course_unit_id == course_unit_id)
            .order_by(RubricItem.position, RubricItem.id)
        )
    )


def _lock_unit(session: Session, course_unit_id: int) -> None:
    """Let nobody else add or move items of the unit until the transaction ends."""
    session.scalars(
        sa.select(CourseUnit.id).where(CourseUnit.id == course_unit_id).with_for_update(key_share=True)
    ).one()


def _record(
    session: Session,
    action: str,
    unit: CourseUnit,
    item: RubricItem,
    actor: Actor,
    details: dict[str, object],
) -> None:
    record(
        session,
        action,
        actor=actor.user,
        course_id=unit.course_id,
        subject=f"{unit.title}: {item.title}",
        details={"unit_id": unit.id, **details},
        address=actor.address,
    )
