"""What a new course still lacks until students can hand in and be graded well."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts.invitations import open_invitations
from grader.db.base import now
from grader.db.models import CourseUnit, Enrolment, Role, Task, TaskKind, TaskState


class Step(enum.StrEnum):
    """One step, in the order in which they are best taken."""

    UNIT = "unit"
    GATE = "gate"
    DEADLINE = "deadline"
    STAFF = "staff"
    STUDENTS = "students"
    PUBLISH = "publish"


def steps_done(session: Session, course_id: int, units: list[CourseUnit]) -> dict[Step, bool]:
    """Return every step, and whether it is taken for the course with these units.

    One unit with a deadline, and one whose tests passed the gate, will do: the rest is known by then.
    """
    roles = list(
        session.scalars(
            sa.select(Enrolment.role).where(Enrolment.course_id == course_id, Enrolment.ended_at.is_(None))
        )
    )
    roles += [invitation.role for invitation in open_invitations(session, course_id, now())]
    return {
        Step.UNIT: bool(units),
        Step.GATE: _has_passed_the_gate(session, units),
        Step.DEADLINE: any(unit.deadline_at is not None for unit in units),
        Step.STAFF: sum(role.is_staff for role in roles) > 1,
        Step.STUDENTS: Role.STUDENT in roles,
        Step.PUBLISH: any(unit.is_published for unit in units),
    }


def _has_passed_the_gate(session: Session, units: list[CourseUnit]) -> bool:
    results = session.scalars(
        sa.select(Task.result).where(
            Task.kind == TaskKind.GATE,
            Task.state == TaskState.DONE,
            Task.course_unit_id.in_([unit.id for unit in units]),
        )
    )
    return any(result is not None and result["admitted"] for result in results)
