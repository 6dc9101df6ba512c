"""Grades worked out slowly, row by row, to compare the gradebook with: nothing of it is used here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import (
    Allowance,
    Course,
    CourseUnit,
    Enrolment,
    GradeDecision,
    GradingRun,
    RubricItem,
    RubricMark,
    Submission,
    User,
)

DAY = timedelta(days=1)


@dataclass
class SlowCell:
    """One student's unit."""

    score: float | None = None
    rubric: float | None = None
    days_late: int = 0
    note: str | None = None
    is_excused: bool = False

    @property
    def points(self) -> float | None:
        if self.is_excused or (self.score is None and self.rubric is None):
            return None
        return round((self.score or 0.0) + (self.rubric or 0.0), 6)


@dataclass
class SlowRow:
    """One student."""

    user: User
    enrolment: Enrolment
    cells: list[SlowCell]


def slow_rows(session: Session, course_slug: str) -> tuple[list[CourseUnit], list[SlowRow]]:
    """Return the units of the course and, by name, the grades of each student who is in it."""
    course = session.scalars(sa.select(Course).where(Course.slug == course_slug)).one()
    units = sorted(course.units, key=lambda unit: (unit.position, unit.id))
    enrolments = session.scalars(sa.select(Enrolment).where(Enrolment.course_id == course.id)).all()
    rows = []
    for enrolment in enrolments:
        if enrolment.role == "student" and enrolment.ended_at is None:
            cells = [_cell(session, unit, enrolment) for unit in units]
            rows.append(SlowRow(session.get_one(User, enrolment.user_id), enrolment, cells))
    rows.sort(key=lambda row: (row.user.name.casefold(), row.user.email))
    return units, rows


def rubric_max(session: Session, unit: CourseUnit) -> float | None:
    """Return what people give at most in the unit."""
    items = session.scalars(sa.select(RubricItem).where(RubricItem.course_unit_id == unit.id)).all()
    asked = [item.max_points for item in items if item.retired_at is None]
    return round(sum(asked), 2) if asked else None


def _cell(session: Session, unit: CourseUnit, enrolment: Enrolment) -> SlowCell:
    cell = SlowCell(rubric=_rubric(session, unit, enrolment.user_id))
    attempts = session.execute(
        sa.select(Submission, GradingRun)
        .join(GradingRun, GradingRun.submission_id == Submission.id)
        .where(Submission.course_unit_id == unit.id, Submission.user_id == enrolment.user_id)
        .order_by(Submission.number)
    ).all()
    deadline = _deadline(session, unit, enrolment)
    graded: list[tuple[float, int, Submission]] = []
    is_waiting = False
    for attempt, run in attempts:
        if not run.stands:
            continue
        is_waiting = is_waiting or run.state in ("queued", "running")
        if run.score is not None:
            days = _days_late(unit, deadline, attempt.received_at)
            lost = min(unit.late_percent_per_day * days, unit.late_percent_cap, 100.0) / 100.0
            graded.append((round(run.score * (1 - lost), 6), days, attempt))
    decision = session.scalars(
        sa.select(GradeDecision).where(
            GradeDecision.course_unit_id == unit.id,
            GradeDecision.user_id == enrolment.user_id,
            GradeDecision.withdrawn_at.is_(None),
        )
    ).one_or_none()
    if decision is not None and decision.kind == "excused":
        cell.is_excused, cell.note = True, "excused"
    elif decision is not None and decision.kind == "score":
        cell.score, cell.note = decision.score, "set by staff"
    elif decision is not None:
        for score, days, attempt in graded:
            if attempt.id == decision.submission_id:
                cell.score, cell.days_late, cell.note = score, days, "chosen by staff"
    elif graded and unit.counts == "latest":
        cell.score, cell.days_late, _ = graded[-1]
    else:
        for score, days, _ in graded:  # the first of the best
            if cell.score is None or score > cell.score:
                cell.score, cell.days_late = score, days
    if cell.note is None:
        if is_waiting:
            cell.note = "being graded"
        elif cell.score is None:
            cell.note = "no score" if attempts else "not handed in"
    return cell


def _rubric(session: Session, unit: CourseUnit, user_id: int) -> float | None:
    marks = [
        mark.points
        for mark, item in session.execute(
            sa.select(RubricMark, RubricItem)
            .join(RubricItem, RubricMark.item_id == RubricItem.id)
            .where(RubricMark.user_id == user_id)
        )
        if item.course_unit_id == unit.id and item.retired_at is None
    ]
    return round(sum(marks), 2) if marks else None


def _deadline(session: Session, unit: CourseUnit, enrolment: Enrolment) -> datetime | None:
    deadline = unit.deadline_at
    for allowance in session.scalars(sa.select(Allowance).where(Allowance.course_unit_id == unit.id)):
        is_theirs = allowance.user_id == enrolment.user_id or (
            allowance.section is not None and allowance.section == enrolment.section
        )
        if is_theirs and allowance.withdrawn_at is None and allowance.deadline_at and deadline:
            deadline = max(deadline, allowance.deadline_at)
    return deadline


def _days_late(unit: CourseUnit, deadline: datetime | None, received_at: datetime) -> int:
    """Count the days begun, one after the other."""
    if deadline is None or received_at <= deadline + timedelta(seconds=unit.late_grace_s):
        return 0
    days = 1
    while received_at > deadline + days * DAY:
        days += 1
    return days
