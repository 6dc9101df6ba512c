"""A student's own terms of a unit: the unit's, with what the student or the section was granted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import Allowance, CourseUnit, Enrolment, Submission
from grader.submissions.policy import Terms


@dataclass(frozen=True)
class UnitTerms:
    """A unit with everything that was granted for it, to tell many students' terms without a query each."""

    course_unit: CourseUnit
    allowances: tuple[Allowance, ...]

    def of(self, user_id: int, section: str | None) -> Terms:
        """Return the terms of the student, who is in this section of the course."""
        return own_terms(self.course_unit, self._granted_to(user_id, section))

    def closes_for_all_at(self) -> datetime | None:
        """Return the last moment at which anybody may hand in; None: there is none.

        It is that of a student who was granted everything, since the latest date of each kind is somebody's.
        A section counts even while nobody is in it: somebody may join it.
        """
        return own_terms(self.course_unit, self.allowances).closes_at()

    def _granted_to(self, user_id: int, section: str | None) -> list[Allowance]:
        return [
            each
            for each in self.allowances
            if each.user_id == user_id or (each.section is not None and each.section == section)
        ]


def own_terms(course_unit: CourseUnit, allowances: Iterable[Allowance] = ()) -> Terms:
    """Return the unit's terms with these allowances, all of which are of one student and in force.

    A date replaces the unit's where it is later, and a unit without a deadline has none for anybody; extra
    attempts add to the unit's number.
    """
    deadline_at, late_until_at = course_unit.deadline_at, course_unit.late_until_at
    max_attempts = course_unit.max_attempts
    for each in allowances:
        if deadline_at is not None and each.deadline_at is not None:
            deadline_at = max(deadline_at, each.deadline_at)
        if each.late_until_at is not None:
            late_until_at = max(late_until_at or each.late_until_at, each.late_until_at)
        if max_attempts is not None:
            max_attempts += each.extra_attempts
    return Terms(course_unit.opens_at, deadline_at, late_until_at, max_attempts)


def terms_for(session: Session, course_unit: CourseUnit, user_id: int) -> Terms:
    """Return this student's own terms of the unit, by what they and their section were granted."""
    section = session.scalar(
        sa.select(Enrolment.section).where(
            Enrolment.course_id == course_unit.course_id, Enrolment.user_id == user_id
        )
    )
    return unit_terms(session, [course_unit])[course_unit.id].of(user_id, section)


def unit_terms(session: Session, course_units: Sequence[CourseUnit]) -> dict[int, UnitTerms]:
    """Return the terms of the units by their id, for any number of students, with one query."""
    granted = session.scalars(
        sa.select(Allowance)
        .where(
            Allowance.course_unit_id.in_([unit.id for unit in course_units]), Allowance.withdrawn_at.is_(None)
        )
        .order_by(Allowance.id)
    ).all()
    return {
        unit.id: UnitTerms(unit, tuple(each for each in granted if each.course_unit_id == unit.id))
        for unit in course_units
    }


def lock_unit(session: Session, course_unit_id: int) -> CourseUnit:
    """Return the unit, whose terms nobody changes or hands in by until the transaction ends."""
    return session.get_one(CourseUnit, course_unit_id, with_for_update=True, populate_existing=True)


def restate_by_sections(session: Session, course_id: int) -> None:
    """Do what `restate_lateness` does where sections were granted time, after members changed sections."""
    units = session.scalars(  # two who do this at once lock them in the same order
        sa.select(CourseUnit).where(CourseUnit.course_id == course_id).order_by(CourseUnit.id)
    ).all()
    for unit_id, terms in unit_terms(session, units).items():
        if any(each.section is not None for each in terms.allowances):
            restate_lateness(session, lock_unit(session, unit_id))


def restate_lateness(session: Session, course_unit: CourseUnit) -> None:
    """Mark each submission of the unit late, or not, by its student's terms as they are now.

    To be called in the transaction that changes the unit's dates or what was granted, with the unit locked.
    """
    session.flush()
    terms = unit_terms(session, [course_unit])[course_unit.id]
    rows = session.execute(
        sa.select(
            Submission.id,
            Submission.user_id,
            Submission.received_at,
            Submission.is_late,
            Enrolment.section,
        )
        .join(
            Enrolment,
            sa.and_(Enrolment.user_id == Submission.user_id, Enrolment.course_id == course_unit.course_id),
            isouter=True,
        )
        .where(Submission.course_unit_id == course_unit.id)
        .order_by(Submission.id)  # others that lock several of them do so in this order, too
    )
    changed = [
        {"id": submission_id, "is_late": not is_late}
        for submission_id, user_id, received_at, is_late, section in rows
        if terms.of(user_id, section).is_late(received_at) is not is_late
    ]
    if changed:
        session.execute(sa.update(Submission), changed)
