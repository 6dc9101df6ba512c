"""What becomes of unused invitations when somebody's rights in a course go down: they become worthless.

Links for a new password need nothing of the kind: each use looks at the rights anew (`password_links`).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.models import AuditEvent, Enrolment, Invitation, Role, User

ROLES = (Role.STUDENT, Role.TA, Role.INSTRUCTOR)  # the higher the later


def withdraw_from(session: Session, enrolment: Enrolment, actor_id: int | None) -> None:
    """Delete the unused invitations to the course that are for this person, or were made by them.

    To be called when the membership has ended or the role has become a lower one. Whoever made a link knows
    it, so those that a former instructor made go, whomever they are for; others make new ones.
    """
    user = session.get_one(User, enrolment.user_id)
    _withdraw(
        session,
        enrolment,
        (Invitation.email == user.email) | (Invitation.created_by_id == user.id),
        user,
        actor_id,
    )


def withdraw_above(session: Session, enrolment: Enrolment, actor_id: int | None) -> None:
    """Delete the unused invitations of this person that would give a higher role than they have now."""
    user = session.get_one(User, enrolment.user_id)
    higher = ROLES[ROLES.index(enrolment.role) + 1 :]
    _withdraw(
        session, enrolment, (Invitation.email == user.email) & Invitation.role.in_(higher), user, actor_id
    )


def _withdraw(
    session: Session, enrolment: Enrolment, which: sa.ColumnElement[bool], user: User, actor_id: int | None
) -> None:
    gone = session.scalars(
        sa.delete(Invitation)
        .where(Invitation.course_id == enrolment.course_id, Invitation.used_at.is_(None), which)
        .returning(Invitation.email)
    ).all()
    if gone:
        session.add(
            AuditEvent(
                actor_id=actor_id,
                concerns_id=user.id,
                course_id=enrolment.course_id,
                action="member.withdraw-links",
                subject=user.email,
                details={"for": sorted(gone)},
            )
        )
