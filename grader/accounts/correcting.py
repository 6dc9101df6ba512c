"""Staff put a name or an e-mail address right that is wrong in an account.

An address decides who may sign in and who gets links, so its owner can't change it alone: nobody here can
send mail to prove that a new one is theirs. Instructors change it for students who are in their course and
nowhere else, as they decide on these accounts anyway; admins for everyone. An account that is connected with
one at the provider stays so, whatever the address.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts import making, members
from grader.accounts.belonging import decides, is_own_student
from grader.db.models import AuditEvent, Enrolment, Invitation, User

TAKEN = "Someone else has an account with this address."


def locked_account(session: Session, course_id: int, enrolment_id: int) -> User | None:
    """Return the account of this membership, locked with the course; None if the course has none such.

    The course comes first, in the order of `members`: who changes an account here, changes invitations, too.
    """
    members.lock_course(session, course_id)
    return session.scalar(
        sa.select(User)
        .join(Enrolment, Enrolment.user_id == User.id)
        .where(Enrolment.id == enrolment_id, Enrolment.course_id == course_id)
        .with_for_update(of=User, key_share=True)
    )


def may_be_corrected(session: Session, user: User, by: User, course_id: int) -> bool:
    """Whether this person, as who decides in the course, may change the user's name and address."""
    if not decides(session, by.id, course_id):
        return False
    return by.is_admin or (user.oidc_subject is None and is_own_student(session, user, course_id))


def correct(session: Session, user: User, email: str, name: str, actor_id: int, course_id: int) -> str:
    """Give the user this address and name, both checked by the caller; return why not, "" if done.

    Unused invitations of the old address in the course end: they would make another account.
    """
    before, after = {"email": user.email, "name": user.name}, {"email": email, "name": name}
    if before == after:
        return ""
    if email != user.email and making.locked_account(session, email) is not None:
        return TAKEN
    try:
        with session.begin_nested():
            user.email, user.name = email, name
    except sa.exc.IntegrityError:  # the address was taken at this very moment
        return TAKEN
    if before["email"] != email:
        session.execute(
            sa.delete(Invitation).where(
                Invitation.email == before["email"],
                Invitation.course_id == course_id,
                Invitation.used_at.is_(None),
            )
        )
    session.add(
        AuditEvent(
            actor_id=actor_id,
            concerns_id=user.id,
            course_id=course_id,
            action="account.correct",
            subject=email,
            details={"before": before, "after": after},
        )
    )
    return ""
