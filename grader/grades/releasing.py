"""What holds for a whole unit: what lateness costs, and whether students see their grades yet."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import AuditEvent, CourseUnit, GradingRun, Push, User
from grader.grades.audit import record
from grader.grades.lateness import LatePolicy
from grader.grades.loading import policy_of
from grader.grades.terms import lock_unit
from grader.pushes import statuses

MAX_GRACE_S = 7 * 86_400


def policy_problems(policy: LatePolicy) -> dict[str, str]:
    """Return what is wrong with a policy, by its field; {} if it makes sense."""
    found = {}
    for field in ("percent_per_day", "percent_cap"):
        value = getattr(policy, field)
        if not (math.isfinite(value) and 0 <= value <= 100):
            found[field] = "Enter a percentage from 0 to 100."
    if not 0 <= policy.grace_s <= MAX_GRACE_S:
        found["grace_s"] = f"Enter minutes from 0 to {MAX_GRACE_S // 60}."
    return found


def change_policy(
    session: Session, course_unit_id: int, policy: LatePolicy, actor: User, address: str | None = None
) -> bool:
    """Let lateness cost this from now on, for what was handed in before, too; False if it does already."""
    unit = lock_unit(session, course_unit_id)
    before = policy_of(unit)
    if policy == before:
        return False
    unit.late_percent_per_day, unit.late_percent_cap = policy.percent_per_day, policy.percent_cap
    unit.late_grace_s = policy.grace_s
    record(
        session,
        "terms.late_policy",
        actor=actor,
        course_id=unit.course_id,
        subject=unit.title,
        details={"unit": unit.slug, "unit_id": unit.id, "before": asdict(before), "after": asdict(policy)},
        address=address,
    )
    return True


def withhold(session: Session, course_unit_id: int, actor: User, address: str | None = None) -> bool:
    """Hide all scores and reports of the unit from students; False if they are hidden already."""
    return _set_withheld(session, course_unit_id, True, actor, address)


def release(session: Session, course_unit_id: int, actor: User, address: str | None = None) -> bool:
    """Show them to students, who are told on the unit's page; False if they are shown already."""
    return _set_withheld(session, course_unit_id, False, actor, address)


def released_at(session: Session, course_unit: CourseUnit) -> datetime | None:
    """Return when the unit's grades were released last; None if they never were withheld, or are now."""
    if course_unit.are_grades_withheld:
        return None
    events = session.scalars(
        sa.select(AuditEvent)
        .where(AuditEvent.course_id == course_unit.course_id, AuditEvent.action == "grades.release")
        .order_by(AuditEvent.id.desc())
    )
    return next((event.at for event in events if event.details.get("unit_id") == course_unit.id), None)


def _set_withheld(
    session: Session, course_unit_id: int, is_withheld: bool, actor: User, address: str | None
) -> bool:
    unit = lock_unit(session, course_unit_id)
    if unit.are_grades_withheld is is_withheld:
        return False
    unit.are_grades_withheld = is_withheld
    record(
        session,
        "grades.withhold" if is_withheld else "grades.release",
        actor=actor,
        course_id=unit.course_id,
        subject=unit.title,
        details={"unit": unit.slug, "unit_id": unit.id},
        address=address,
    )
    session.flush()
    _tell_hosts(session, unit)
    return True


def _tell_hosts(session: Session, unit: CourseUnit) -> None:
    """Let commits of the unit show what may be shown of their grading now."""
    runs = session.scalars(
        sa.select(GradingRun)
        .where(
            GradingRun.stands,
            GradingRun.submission_id.in_(
                sa.select(Push.submission_id).where(Push.submission.has(course_unit_id=unit.id))
            ),
        )
        .order_by(GradingRun.id)
    )
    for run in runs:
        if run.state.is_final:
            statuses.tell_of(session, run)
