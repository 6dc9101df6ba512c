"""The pairs that a check found, as staff of one course may see them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import NotFound

from grader.db.models import CourseUnit, Enrolment, PairVerdict, Role, SimilarPair, Submission, Task
from grader.similarity.measuring import groups
from grader.web.access import UnitAccess, require_identity
from grader.web.service import reading

STATES = {
    "unseen": "Not looked at yet",
    "seen": "Looked at",
    PairVerdict.NO_CONCERN.value: "Nothing to worry about",
    PairVerdict.TO_DISCUSS.value: "To be discussed",
}


@dataclass(frozen=True)
class Person:
    """One side of a pair; `name` is not that of a student whom the reader may not know."""

    user_id: int
    submission_id: int
    name: str
    email: str
    public_id: str | None
    number: int
    is_here: bool


@dataclass(frozen=True)
class PairRow:
    """A pair as the list shows it."""

    rank: int
    pair: SimilarPair
    first: Person
    second: Person
    state: str
    file: str
    file_part: float


def state_of(pair: SimilarPair) -> str:
    """Return what staff made of the pair, a key of STATES."""
    if pair.verdict is not None:
        return pair.verdict.value
    return "unseen" if pair.seen_at is None else "seen"


def _with_sides(query: sa.Select[SimilarPair]) -> sa.Select[SimilarPair]:
    for submission in (SimilarPair.first, SimilarPair.second):
        query = query.options(
            joinedload(submission).joinedload(Submission.user),
            joinedload(submission).joinedload(Submission.course_unit).joinedload(CourseUnit.course),
        )
    return query


def find_pair(access: UnitAccess, public_id: str) -> SimilarPair:
    """Return the pair of this unit; NotFound for any other's."""
    query = (
        sa.select(SimilarPair)
        .join(Task, SimilarPair.task_id == Task.id)
        .where(SimilarPair.public_id == public_id, Task.course_unit_id == access.unit.id)
    )
    pair = reading().scalar(_with_sides(query))
    if pair is None:
        raise NotFound
    return pair


def rows_of(access: UnitAccess, task: Task) -> list[PairRow]:
    """Return the pairs that the check kept, the most alike first."""
    query = sa.select(SimilarPair).where(SimilarPair.task_id == task.id)
    known = known_courses()
    found = reading().scalars(_with_sides(query.order_by(SimilarPair.similarity.desc(), SimilarPair.id)))
    rows = []
    for rank, pair in enumerate(found, start=1):
        first, second = (person_of(each, access, known) for each in (pair.first, pair.second))
        rows.append(PairRow(rank, pair, first, second, state_of(pair), *_main_file(pair.evidence)))
    return rows


def known_courses() -> set[int] | None:
    """Return the courses whose students the reader may know as staff; None for all."""
    identity = require_identity()
    if identity.user.is_admin:
        return None
    return set(
        reading().scalars(
            sa.select(Enrolment.course_id).where(
                Enrolment.user_id == identity.user.id,
                Enrolment.role.in_((Role.TA, Role.INSTRUCTOR)),
                Enrolment.ended_at.is_(None),
            )
        )
    )


def person_of(submission: Submission, access: UnitAccess, known: set[int] | None) -> Person:
    """Return whose submission it is, without a name that the reader may not know; `known` are courses."""
    course = submission.course_unit.course
    is_here = course.id == access.course.id
    is_known = is_here or known is None or course.id in known
    return Person(
        submission.user_id,
        submission.id,
        (submission.user.name or submission.user.email) if is_known else f"A student of {course.title}",
        submission.user.email if is_known else "",
        submission.public_id if is_known else None,
        submission.number,
        is_here,
    )


def _main_file(evidence: Mapping[str, Any]) -> tuple[str, float]:
    """Return the first one's file with the most matching statements, and what part of it is in the other."""
    matched = Counter[str]()
    for block in evidence["blocks"]:
        matched[block["first"][0]] += block["statements"]
    if not matched:
        return "", 0.0
    path = max(matched, key=lambda each: (matched[each], each))
    return path.rpartition("/")[2], evidence["files"]["first"].get(path, 0.0)


def is_wanted(row: PairRow, search: str, state: str) -> bool:
    """Whether a student of the pair is called so, and staff made that of it; "" fits all."""
    words = " ".join((row.first.name, row.first.email, row.second.name, row.second.email)).casefold()
    return search.casefold() in words and (not state or row.state == state)


def groups_of(rows: Sequence[PairRow]) -> list[list[Person]]:
    """Return three or more people that these pairs link."""
    people = {each.submission_id: each for row in rows for each in (row.first, row.second)}
    linked = [(row.first.submission_id, row.second.submission_id) for row in rows]
    return [[people[each] for each in some] for some in groups(linked)]
