"""What staff say to a student about a line of their work: added, edited and removed, each written down."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.db.base import now
from grader.db.models import Comment, CourseUnit, Submission, User
from grader.grades import audit

MAX_CHARS = 4_000


def are_shown(unit: CourseUnit, *, is_staff: bool) -> bool:
    """Whether comments are for this reader now: students wait for them until grades are released."""
    return is_staff or not unit.are_grades_withheld


def comments_on(session: Session, submission_id: int) -> Sequence[Comment]:
    """Return the submission's comments, by file and line, with their authors."""
    return session.scalars(
        sa.select(Comment)
        .where(Comment.submission_id == submission_id, Comment.removed_at.is_(None))
        .order_by(Comment.file, Comment.line, Comment.id)
        .options(joinedload(Comment.author))
    ).all()


def count_on(session: Session, submission_id: int) -> int:
    """Return how many comments the submission has."""
    is_there = (Comment.submission_id == submission_id, Comment.removed_at.is_(None))
    return session.scalar(sa.select(sa.func.count()).select_from(Comment).where(*is_there)) or 0


def comment_of(session: Session, submission_id: int, public_id: str) -> Comment | None:
    """Return the submission's comment of this name; None if there is none, or none any more."""
    return session.scalar(
        sa.select(Comment)
        .where(
            Comment.submission_id == submission_id,
            Comment.public_id == public_id,
            Comment.removed_at.is_(None),
        )
        .with_for_update(of=Comment)
    )


def add(
    session: Session,
    submission: Submission,
    file: str,
    line: int,
    text: str,
    *,
    author: User,
    address: str | None,
) -> Comment:
    """Add a comment on a line, counted from 1; line 0 is the file as a whole, file "" the submission."""
    comment = Comment(submission_id=submission.id, file=file, line=line, text=text, author_id=author.id)
    session.add(comment)
    session.flush()
    _record(session, "comment.add", comment, author, address, {"text": text})
    return comment


def edit(session: Session, comment: Comment, text: str, *, actor: User, address: str | None) -> None:
    """Change what the comment says."""
    before, comment.text, comment.edited_at = comment.text, text, now()
    _record(session, "comment.edit", comment, actor, address, {"before": before, "after": text})


def remove(session: Session, comment: Comment, *, actor: User, address: str | None) -> None:
    """Take the comment away; nobody sees it any more, and the audit trail keeps what it said."""
    comment.removed_at = now()
    _record(session, "comment.remove", comment, actor, address, {"text": comment.text})


def _record(
    session: Session,
    action: str,
    comment: Comment,
    actor: User,
    address: str | None,
    details: dict[str, str],
) -> None:
    submission = session.get_one(Submission, comment.submission_id)
    place = f"{comment.file}, line {comment.line}" if comment.line else comment.file or "the whole of it"
    audit.record(
        session,
        action,
        actor=actor,
        course_id=submission.course_unit.course_id,
        subject=f"submission {submission.public_id}: {place}",
        concerns_id=submission.user_id,
        submission_id=submission.id,
        details=details,
        address=address,
    )
