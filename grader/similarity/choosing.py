"""Which submission of each student is compared."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import Course, CourseUnit, Enrolment, GradingRun, Role, Submission
from grader.grades.loading import GradedAttempt, decisions_in_force, student_grade
from grader.grades.terms import unit_terms


class Which(enum.StrEnum):
    """Which of a student's submissions is compared."""

    COUNTING = "counting"  # the one that counts; the latest where none does yet
    LATEST = "latest"


@dataclass(frozen=True)
class Chosen:
    """A submission that is compared, and whose it is."""

    submission_id: int
    user_id: int
    course_unit_id: int


def chosen(session: Session, units: Sequence[CourseUnit], which: Which) -> list[Chosen]:
    """Return one submission per student and unit, in the order of the units; none of what staff handed in."""
    attempts: dict[tuple[int, int], list[GradedAttempt]] = defaultdict(list)
    rows = session.execute(
        sa.select(
            Submission.course_unit_id,
            Submission.user_id,
            Submission.id,
            Submission.number,
            Submission.received_at,
            GradingRun.score,
        )
        .join(CourseUnit, Submission.course_unit_id == CourseUnit.id)
        .join(
            GradingRun,
            sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands),
            isouter=True,
        )
        .join(
            Enrolment,
            sa.and_(Enrolment.user_id == Submission.user_id, Enrolment.course_id == CourseUnit.course_id),
        )
        .where(Submission.course_unit_id.in_([unit.id for unit in units]), Enrolment.role == Role.STUDENT)
        .order_by(Submission.user_id, Submission.number)
    )
    for unit_id, user_id, submission_id, number, received_at, score in rows:
        attempts[unit_id, user_id].append(GradedAttempt(submission_id, number, received_at, score))
    counting = _counting(session, units, attempts) if which is Which.COUNTING else {}
    order = {unit.id: number for number, unit in enumerate(units)}
    return [
        Chosen(counting.get(key) or some[-1].id, key[1], key[0])
        for key, some in sorted(attempts.items(), key=lambda each: (order[each[0][0]], each[0][1]))
    ]


def earlier_units(session: Session, unit: CourseUnit) -> list[CourseUnit]:
    """Return the same unit in other courses, where anything was handed in; the newest course first."""
    return list(
        session.scalars(
            sa.select(CourseUnit)
            .join(Course)
            .where(
                CourseUnit.unit == unit.unit,
                CourseUnit.course_id != unit.course_id,
                sa.exists().where(Submission.course_unit_id == CourseUnit.id),
            )
            .order_by(Course.created_at.desc(), Course.id.desc(), CourseUnit.id)
        )
    )


def _counting(
    session: Session, units: Sequence[CourseUnit], attempts: dict[tuple[int, int], list[GradedAttempt]]
) -> dict[tuple[int, int], int | None]:
    """Return which submission counts by (unit id, user id)."""
    terms, decisions = unit_terms(session, units), decisions_in_force(session, units)
    sections = {
        (row.course_id, row.user_id): row.section
        for row in session.execute(
            sa.select(Enrolment.course_id, Enrolment.user_id, Enrolment.section).where(
                Enrolment.course_id.in_({unit.course_id for unit in units})
            )
        )
    }
    found = {}
    for (unit_id, user_id), some in attempts.items():
        section = sections.get((terms[unit_id].course_unit.course_id, user_id))
        decision = decisions.get((unit_id, user_id))
        grade = student_grade(terms[unit_id], user_id, section, some, decision).grade
        found[unit_id, user_id] = grade.attempt_id
    return found
