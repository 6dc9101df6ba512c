"""Writing down what was decided about a run."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from grader.db.models import AuditEvent, GradingRun, User


def record(
    session: Session,
    action: str,
    run: GradingRun,
    actor: User | None = None,
    address: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Add the audit event of an act on the run; no actor means the grader itself."""
    submission = run.submission
    session.add(
        AuditEvent(
            actor_id=None if actor is None else actor.id,
            concerns_id=submission.user_id,
            course_id=submission.course_unit.course_id,
            submission_id=submission.id,
            action=action,
            subject=f"submission {submission.public_id}, run {run.id}",
            details=details or {},
            address=address,
        )
    )
