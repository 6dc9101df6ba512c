"""What one student got: marks saved by people who have seen what they change, and marks withdrawn.

Two people may mark one student at once. The form that one saves says of each item what it showed. What it
did not change stays as it is now, whoever has changed it; what it did change is saved if nobody else was
there first, and told as a conflict otherwise, with both marks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.db.base import now
from grader.db.models import CourseUnit, RubricItem, RubricMark, User
from grader.grades.audit import record
from grader.marking.items import Actor, read_number

MAX_COMMENT_CHARS = 4_000


@dataclass(frozen=True)
class Entry:
    """What a form says of one item: points (None: not marked) and comment, and what it had shown."""

    points: float | None
    comment: str
    seen: str


@dataclass
class Saved:
    """What became of a form: the ids of items whose marks it changed, and the marks that were there first.

    `conflicts` holds an item's mark as it is now; None for one that has been withdrawn since.
    """

    changed: list[int] = field(default_factory=list)
    conflicts: dict[int, RubricMark | None] = field(default_factory=dict)


def fingerprint(points: float | None, comment: str) -> str:
    """Return what a form remembers of the mark that it showed."""
    number = None if points is None else float(points)
    return hashlib.sha256(f"{number!r}\n{comment}".encode()).hexdigest()[:16]


def fingerprint_of(mark: RubricMark | None) -> str:
    """Return the fingerprint of a mark; None stands for no mark."""
    return fingerprint(None, "") if mark is None else fingerprint(mark.points, mark.comment)


def read_entry(points: str, comment: str, seen: str, max_points: float) -> tuple[Entry | None, str]:
    """Return what was typed for an item, or None and what is wrong with it."""
    comment = comment.replace("\r\n", "\n").strip()
    if len(comment) > MAX_COMMENT_CHARS:
        return None, f"The comment has more than {MAX_COMMENT_CHARS} characters."
    if not points.strip():
        if comment:
            return None, "Give points along with the comment; 0 is a mark, too."
        return Entry(None, "", seen), ""
    number = read_number(points)
    if number is None or number > max_points:
        return None, f"A number from 0 to {max_points:g}, with at most two decimals."
    return Entry(number, comment, seen), ""


def marks_of(session: Session, course_unit_id: int, user_id: int) -> dict[int, RubricMark]:
    """Return a student's marks for the items that are asked, by item id, each with who gave it."""
    found = session.scalars(
        sa.select(RubricMark)
        .join(RubricMark.item)
        .where(
            RubricItem.course_unit_id == course_unit_id,
            RubricItem.retired_at.is_(None),
            RubricMark.user_id == user_id,
        )
        .options(joinedload(RubricMark.marked_by))
    )
    return {mark.item_id: mark for mark in found}


def save_marks(
    session: Session, unit: CourseUnit, student: User, entries: Mapping[int, Entry], actor: Actor
) -> Saved:
    """Save a form's entries by item id, all that can be saved; what somebody else was first at is told.

    Items of other units and retired ones are passed over. A mark above what the item gives by now is told
    as a conflict, too.
    """
    items = session.scalars(
        sa.select(RubricItem)
        .where(
            RubricItem.course_unit_id == unit.id,
            RubricItem.retired_at.is_(None),
            RubricItem.id.in_(list(entries)),
        )
        .order_by(RubricItem.id)
        .with_for_update()
    ).all()
    marks = marks_of(session, unit.id, student.id)
    saved = Saved()
    for item in items:
        entry, mark = entries[item.id], marks.get(item.id)
        wanted, there = fingerprint(entry.points, entry.comment), fingerprint_of(mark)
        if wanted in (entry.seen, there):
            continue  # not changed in the form, or changed to what it is already
        if there != entry.seen or (entry.points is not None and entry.points > item.max_points):
            saved.conflicts[item.id] = mark
            continue
        _change(session, unit, item, student, mark, entry, actor)
        saved.changed.append(item.id)
    return saved


def _change(
    session: Session,
    unit: CourseUnit,
    item: RubricItem,
    student: User,
    mark: RubricMark | None,
    entry: Entry,
    actor: Actor,
) -> None:
    before = None if mark is None else {"points": mark.points, "comment": mark.comment}
    if entry.points is None:
        session.delete(mark)
        action = "rubric.withdraw-mark"
    else:
        action = "rubric.mark"
        if mark is None:
            mark = RubricMark(item_id=item.id, user_id=student.id)
            session.add(mark)
        mark.points, mark.comment = entry.points, entry.comment
        mark.marked_by_id, mark.marked_at = actor.user.id, now()
    after = None if entry.points is None else {"points": entry.points, "comment": entry.comment}
    record(
        session,
        action,
        actor=actor.user,
        course_id=unit.course_id,
        concerns_id=student.id,
        subject=f"{unit.title}: {item.title}",
        details={
            "unit_id": unit.id,
            "item": item.title,
            "max_points": item.max_points,
            "before": before,
            "after": after,
        },
        address=actor.address,
    )
