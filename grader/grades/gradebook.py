"""A course's gradebook: every student's grade of every unit, by as many queries for 500 students as for one.

A student hands in dozens of times, and nearly all of it can never count. The database leaves that out: where
the best counts, a hand-in that came later than an equal or better one of the same student, since it loses no
less to lateness, whatever the deadline; where the latest counts, all graded ones but the last. What remains
goes through `grade_of`, as everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import (
    Counting,
    CourseUnit,
    Enrolment,
    GradeDecision,
    GradingRun,
    Role,
    RunState,
    Submission,
    User,
)
from grader.grades.grade import SCORE_DECIMALS, Basis, Decision, Grade, grade_of
from grader.grades.loading import decisions_in_force, policy_of
from grader.grades.terms import UnitTerms, unit_terms
from grader.marking.points import RubricPoints, rubric_max, rubric_points_of_units

MAX_SCORE = 100.0  # of every unit's tests, as the judge has it
NO_GRADE = Grade(Basis.NOTHING)


@dataclass(frozen=True)
class Column:
    """A unit of the course, and what can be had in it from tests and, if it `has_rubric`, from people."""

    unit: CourseUnit
    max_points: float
    has_rubric: bool


class Cell(NamedTuple):
    """One student's unit. `points` is what counts: the tests' score and people's marks; None without either.

    `public_id` names the submission that counts, or else the last one; `is_waiting`: one waits or runs.
    """

    grade: Grade
    rubric: float | None
    points: float | None
    public_id: str | None
    is_waiting: bool

    @property
    def is_handed_in(self) -> bool:
        """Whether there is a submission."""
        return self.public_id is not None

    @property
    def is_excused(self) -> bool:
        """Whether the unit does not count for the student."""
        return self.grade.basis is Basis.EXCUSED


@dataclass(frozen=True)
class Student:
    """One row: who it is, a cell for each column, the sum of points, and what could be had.

    `possible` leaves out units from which the student is excused.
    """

    id: int
    name: str
    email: str
    number: str | None
    section: str | None
    enrolment_id: int
    ended_at: datetime | None
    cells: tuple[Cell, ...]
    total: float
    possible: float

    @property
    def has_left(self) -> bool:
        """Whether the student is no longer in the course."""
        return self.ended_at is not None

    @property
    def share(self) -> float | None:
        """The total as a fraction of what could be had; None if nothing could."""
        return self.total / self.possible if self.possible else None


@dataclass(frozen=True)
class Gradebook:
    """All units, in the order of the course, and all students, by name."""

    columns: tuple[Column, ...]
    students: tuple[Student, ...]


class _Attempt(NamedTuple):
    id: int
    public_id: str
    number: int
    received_at: datetime
    score: float | None
    state: RunState


class _Person(NamedTuple):
    id: int
    name: str
    email: str
    number: str | None
    section: str | None
    enrolment_id: int
    ended_at: datetime | None


def gradebook(session: Session, course_id: int, *, with_former: bool = False) -> Gradebook:
    """Return everybody's grades in the course; those of people who have left only `with_former`."""
    units = list(
        session.scalars(
            sa.select(CourseUnit)
            .where(CourseUnit.course_id == course_id)
            .order_by(CourseUnit.position, CourseUnit.id)
        )
    )
    ids = [unit.id for unit in units]
    maxima = rubric_max(session, ids)
    columns = tuple(Column(unit, MAX_SCORE + maxima.get(unit.id, 0.0), unit.id in maxima) for unit in units)
    people = _people(session, course_id, with_former)
    decisions = decisions_in_force(session, units)
    attempts = _attempts(session, units, decisions.values())
    terms = unit_terms(session, units)
    marks = rubric_points_of_units(session, ids)
    cells = [_cells(terms[unit.id], people, attempts[unit.id], decisions, marks[unit.id]) for unit in units]
    rows = zip(*cells, strict=True) if cells else [()] * len(people)
    return Gradebook(
        columns, tuple(_student(person, columns, row) for person, row in zip(people, rows, strict=True))
    )


def _cells(
    terms: UnitTerms,
    people: Iterable[_Person],
    attempts: Mapping[int, Sequence[_Attempt]],
    decisions: Mapping[tuple[int, int], GradeDecision],
    marks: Mapping[int, RubricPoints],
) -> list[Cell]:
    """Return a unit's cell for each of the people."""
    unit = terms.course_unit
    unit_id, counts, policy, deadline_of = unit.id, unit.counts, policy_of(unit), _deadline_of(terms)
    cells = []
    for person in people:
        own, row = attempts.get(person.id, ()), decisions.get((unit_id, person.id))
        grade = NO_GRADE
        if own or row:
            decision = None if row is None else Decision(row.kind, row.score, row.submission_id)
            grade = grade_of(own, counts, deadline_of(person), policy, decision)
        mark = marks.get(person.id)
        cells.append(_cell(grade, None if mark is None else mark.points, own))
    return cells


def _cell(grade: Grade, rubric: float | None, attempts: Sequence[_Attempt]) -> Cell:
    """Return what the grade, people's marks and the submissions of one student make."""
    if grade.basis is Basis.EXCUSED or (grade.score is None and rubric is None):
        points = None
    else:
        points = round((grade.score or 0.0) + (rubric or 0.0), SCORE_DECIMALS)
    shown, is_waiting = None, False
    for each in attempts:  # by their number: without one that counts, the last is shown
        if each.id == grade.attempt_id:
            shown = each
        is_waiting = is_waiting or each.state in (RunState.QUEUED, RunState.RUNNING)
    shown = shown or (attempts[-1] if attempts else None)
    return Cell(grade, rubric, points, None if shown is None else shown.public_id, is_waiting)


def _student(person: _Person, columns: Sequence[Column], cells: tuple[Cell, ...]) -> Student:
    counted = [(cell, column) for cell, column in zip(cells, columns, strict=True) if not cell.is_excused]
    return Student(
        *person,
        cells=cells,
        total=math.fsum(cell.points or 0.0 for cell, _ in counted),
        possible=math.fsum(column.max_points for _, column in counted),
    )


def _people(session: Session, course_id: int, with_former: bool) -> list[_Person]:
    query = (
        sa.select(
            User.id,
            User.name,
            User.email,
            Enrolment.student_number,
            Enrolment.section,
            Enrolment.id,
            Enrolment.ended_at,
        )
        .join(User, Enrolment.user_id == User.id)
        .where(Enrolment.course_id == course_id, Enrolment.role == Role.STUDENT)
    )
    if not with_former:
        query = query.where(Enrolment.ended_at.is_(None))
    people = [_Person(*row) for row in session.execute(query)]
    return sorted(people, key=lambda person: (person.name.casefold(), person.email))


def _deadline_of(terms: UnitTerms) -> Callable[[_Person], datetime | None]:
    """Return the function from a person to their deadline; all in a section share theirs, but for a few."""
    few = {allowance.user_id for allowance in terms.allowances}
    shared: dict[str | None, datetime | None] = {}

    def deadline_of(person: _Person) -> datetime | None:
        if person.id in few:
            return terms.of(person.id, person.section).deadline_at
        if person.section not in shared:
            shared[person.section] = terms.of(person.id, person.section).deadline_at
        return shared[person.section]

    return deadline_of


def _attempts(
    session: Session, units: Sequence[CourseUnit], decisions: Iterable[GradeDecision]
) -> dict[int, dict[int, list[_Attempt]]]:
    """Return, by ids of unit and student, which submissions can count or have no score, by their number."""
    chosen = [each.submission_id for each in decisions if each.submission_id is not None]
    found: dict[int, dict[int, list[_Attempt]]] = {unit.id: {} for unit in units}
    for counts, can_count in ((Counting.BEST, _may_be_best()), (Counting.LATEST, _is_latest())):
        every = (
            sa.select(
                Submission.course_unit_id,
                Submission.user_id,
                Submission.id,
                Submission.public_id,
                Submission.number,
                Submission.received_at,
                GradingRun.score,
                GradingRun.state,
                can_count.label("can_count"),
            )
            .join(GradingRun, sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands))
            .where(Submission.course_unit_id.in_([unit.id for unit in units if unit.counts is counts]))
            .subquery()
        )
        *columns, is_wanted = every.c
        rows = session.execute(
            sa.select(*columns)
            .where(is_wanted | every.c.score.is_(None) | every.c.id.in_(chosen))
            .order_by(every.c.number)
        )
        for unit_id, user_id, *facts in rows:
            found[unit_id].setdefault(user_id, []).append(_Attempt(*facts))
    return found


def _may_be_best() -> sa.ColumnElement[bool]:
    """Whether no earlier one is as good: better than all before it, or in the wrong order of time."""

    def before(value: sa.Function[Any]) -> sa.ColumnElement[Any]:
        own = (Submission.course_unit_id, Submission.user_id)
        return value.over(partition_by=own, order_by=Submission.number, rows=(None, -1))

    best_before = sa.func.coalesce(before(sa.func.max(GradingRun.score)), -1.0)
    last_before = before(sa.func.max(Submission.received_at))
    return (GradingRun.score > best_before) | (Submission.received_at < last_before)


def _is_latest() -> sa.ColumnElement[bool]:
    """Whether it is the last one that is graded."""
    graded = sa.case((GradingRun.score.is_not(None), Submission.number))
    last = sa.func.max(graded).over(partition_by=(Submission.course_unit_id, Submission.user_id))
    return Submission.number == last
