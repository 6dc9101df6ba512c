"""Deciding a grade instead of the rules: a score, an excuse, the submission that counts; and taking it back.

Whoever decides has the unit locked, so that of two decisions at once the later one withdraws the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.db.base import now
from grader.db.models import CourseUnit, DecisionKind, GradeDecision, Submission, User
from grader.grades import reasons
from grader.grades.audit import record
from grader.grades.terms import lock_unit

ACTIONS = {
    DecisionKind.SCORE: "grade.score",
    DecisionKind.EXCUSED: "grade.excuse",
    DecisionKind.SUBMISSION: "grade.choose",
}


@dataclass(frozen=True)
class Verdict:
    """What is to be decided; `score` for a score, `submission_id` for the submission that counts."""

    kind: DecisionKind
    reason: str
    score: float | None = None
    submission_id: int | None = None


def problems(
    session: Session, course_unit: CourseUnit, user_id: int, verdict: Verdict, max_score: float
) -> dict[str, str]:
    """Return what is wrong with the verdict, by its field; {} if it can be given."""
    found = {"reason": reasons.problem(verdict.reason)}
    if verdict.kind is DecisionKind.SCORE:
        score = verdict.score
        if score is None or not math.isfinite(score) or not 0 <= score <= max_score:
            found["score"] = f"Enter points from 0 to {max_score:g}."
    if verdict.kind is DecisionKind.SUBMISSION:
        submission = session.get(Submission, verdict.submission_id) if verdict.submission_id else None
        if submission is None or submission.user_id != user_id or submission.course_unit_id != course_unit.id:
            found["submission_id"] = "Choose one of the student’s submissions of this unit."
    return {field: text for field, text in found.items() if text}


def decide(
    session: Session,
    course_unit_id: int,
    user_id: int,
    verdict: Verdict,
    actor: User,
    address: str | None = None,
) -> GradeDecision:
    """Give the verdict, which has no problems; one that was in force is withdrawn by it."""
    unit = lock_unit(session, course_unit_id)
    before = in_force(session, unit.id, user_id)
    if before is not None:
        before.withdrawn_by_id, before.withdrawn_at = actor.id, now()
        session.flush()
    is_choice = verdict.kind is DecisionKind.SUBMISSION
    decision = GradeDecision(
        course_unit_id=unit.id,
        user_id=user_id,
        kind=verdict.kind,
        score=verdict.score if verdict.kind is DecisionKind.SCORE else None,
        submission_id=verdict.submission_id if is_choice else None,
        reason=verdict.reason,
        decided_by_id=actor.id,
    )
    session.add(decision)
    session.flush()
    _record(session, ACTIONS[verdict.kind], decision, unit, actor, address)
    return decision


def withdraw(
    session: Session, course_unit_id: int, user_id: int, actor: User, address: str | None = None
) -> bool:
    """Let the rules of the unit give the grade again; False if nothing was decided."""
    unit = lock_unit(session, course_unit_id)
    decision = in_force(session, unit.id, user_id)
    if decision is None:
        return False
    decision.withdrawn_by_id, decision.withdrawn_at = actor.id, now()
    _record(session, "grade.withdraw", decision, unit, actor, address)
    return True


def in_force(session: Session, course_unit_id: int, user_id: int) -> GradeDecision | None:
    """Return what staff decided about this student's grade of the unit."""
    return session.scalar(
        sa.select(GradeDecision)
        .where(
            GradeDecision.course_unit_id == course_unit_id,
            GradeDecision.user_id == user_id,
            GradeDecision.withdrawn_at.is_(None),
        )
        .options(joinedload(GradeDecision.decided_by), joinedload(GradeDecision.submission))
    )


def _record(
    session: Session,
    action: str,
    decision: GradeDecision,
    unit: CourseUnit,
    actor: User,
    address: str | None,
) -> None:
    details: dict[str, Any] = {"unit": unit.slug, "unit_id": unit.id}
    if decision.withdrawn_at is None:
        details["reason"] = decision.reason
    if decision.score is not None:
        details["score"] = decision.score
    if decision.submission_id is not None:
        details["attempt"] = session.get_one(Submission, decision.submission_id).number
    record(
        session,
        action,
        actor=actor,
        course_id=unit.course_id,
        subject=unit.title,
        concerns_id=decision.user_id,
        submission_id=decision.submission_id,
        details=details,
        address=address,
    )
