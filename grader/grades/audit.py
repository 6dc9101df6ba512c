"""Writing down what staff decided: one function, called in the transaction that does what was decided."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from grader.db.models import AuditEvent, User


def record(
    session: Session,
    action: str,
    *,
    actor: User | None,
    course_id: int,
    subject: str,
    concerns_id: int | None = None,
    submission_id: int | None = None,
    details: dict[str, Any] | None = None,
    address: str | None = None,
) -> None:
    """Add an audit event; the database refuses to change or delete it.

    `action` is a stable name (`grade.excuse`), `subject` what it was done to, in words, `concerns_id` the
    student whom it concerns and who may read of it. No actor means the grader itself; `address` is where
    the request came from.
    """
    session.add(
        AuditEvent(
            actor_id=None if actor is None else actor.id,
            concerns_id=concerns_id,
            course_id=course_id,
            submission_id=submission_id,
            action=action,
            subject=subject,
            details=details or {},
            address=address,
        )
    )
