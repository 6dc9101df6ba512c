"""Grades from the database: one loader for the student's own pages, the API and the staff's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.db.models import CourseUnit, Enrolment, GradeDecision, GradingRun, Submission
from grader.grades.grade import Attempt, Decision, Grade, grade_of
from grader.grades.lateness import LatePolicy
from grader.grades.terms import UnitTerms, unit_terms
from grader.submissions.policy import Terms


@dataclass(frozen=True)
class StudentGrade:
    """A student's grade of a unit with what it follows from: their own terms, what staff decided."""

    grade: Grade
    terms: Terms
    decision: GradeDecision | None


@dataclass(frozen=True)
class GradedAttempt:
    """A submission and its standing run's score, no more than a grade needs."""

    id: int
    number: int
    received_at: datetime
    score: float | None


def grades_for(session: Session, course_units: Sequence[CourseUnit], user_id: int) -> dict[int, StudentGrade]:
    """Return the student's grades of these units of one course, by the unit's id."""
    rows = session.execute(
        sa.select(
            Submission.course_unit_id,
            Submission.id,
            Submission.number,
            Submission.received_at,
            GradingRun.score,
        )
        .join(GradingRun, sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands))
        .where(
            Submission.course_unit_id.in_([unit.id for unit in course_units]), Submission.user_id == user_id
        )
    )
    attempts: dict[int, list[GradedAttempt]] = {unit.id: [] for unit in course_units}
    for unit_id, submission_id, number, received_at, score in rows:
        attempts[unit_id].append(GradedAttempt(submission_id, number, received_at, score))
    return grades_of(session, course_units, user_id, attempts)


def grades_of(
    session: Session,
    course_units: Sequence[CourseUnit],
    user_id: int,
    attempts: Mapping[int, Sequence[Attempt]],
) -> dict[int, StudentGrade]:
    """Return the same for one who has loaded the student's attempts, by the unit's id."""
    terms = unit_terms(session, course_units)
    is_by_section = any(each.section is not None for of in terms.values() for each in of.allowances)
    sections = _sections(session, course_units, user_id) if is_by_section else {}
    decisions = decisions_in_force(session, course_units, [user_id])
    return {
        unit.id: student_grade(
            terms[unit.id],
            user_id,
            sections.get(unit.course_id),
            attempts[unit.id],
            decisions.get((unit.id, user_id)),
        )
        for unit in course_units
    }


def _sections(session: Session, course_units: Sequence[CourseUnit], user_id: int) -> dict[int, str | None]:
    """Return the student's section by the course's id."""
    memberships = session.execute(
        sa.select(Enrolment.course_id, Enrolment.section).where(
            Enrolment.course_id.in_({unit.course_id for unit in course_units}), Enrolment.user_id == user_id
        )
    )
    return {row.course_id: row.section for row in memberships}


def student_grade(
    terms: UnitTerms,
    user_id: int,
    section: str | None,
    attempts: Sequence[Attempt],
    decision: GradeDecision | None,
) -> StudentGrade:
    """Return the grade that follows from what was loaded, for one student or for many in turn."""
    unit, own = terms.course_unit, terms.of(user_id, section)
    decided = None if decision is None else Decision(decision.kind, decision.score, decision.submission_id)
    grade = grade_of(attempts, unit.counts, own.deadline_at, policy_of(unit), decided)
    return StudentGrade(grade, own, decision)


def decisions_in_force(
    session: Session, course_units: Sequence[CourseUnit], user_ids: Collection[int] | None = None
) -> dict[tuple[int, int], GradeDecision]:
    """Return what staff decided about grades by (unit id, user id); of these people only, if they are named.

    Each has with it who decided it.
    """
    query = sa.select(GradeDecision).where(
        GradeDecision.course_unit_id.in_([unit.id for unit in course_units]),
        GradeDecision.withdrawn_at.is_(None),
    )
    if user_ids is not None:
        query = query.where(GradeDecision.user_id.in_(user_ids))
    found = session.scalars(query.options(joinedload(GradeDecision.decided_by)))
    return {(each.course_unit_id, each.user_id): each for each in found}


def policy_of(course_unit: CourseUnit) -> LatePolicy:
    """Return what lateness costs in the unit."""
    return LatePolicy(
        course_unit.late_percent_per_day, course_unit.late_percent_cap, course_unit.late_grace_s
    )
