"""What staff make of flags: dismissed or acted on, with a note, and taken back."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import CourseUnit, FlagDecision, FlagVerdict, Submission, User
from grader.grades.audit import record
from grader.review.kinds import code_words
from grader.review.queue import Group, case_of

MAX_NOTE_CHARS = 2_000
ACTIONS = {FlagVerdict.DISMISSED: "flag.dismiss", FlagVerdict.ACTED_ON: "flag.act-on"}
MOVED_ON = "Somebody has decided this meanwhile: look again."
GONE = "There is nothing of that kind in this submission any more."
NOTE_NEEDED = "Say what you did, for those who ask later."
NOTE_TOO_LONG = f"The note has more than {MAX_NOTE_CHARS} characters."


def settle(
    session: Session,
    unit: CourseUnit,
    submission: Submission,
    code: str,
    verdict: FlagVerdict,
    note: str,
    seen_id: int | None,
    actor: User,
    address: str | None,
) -> str:
    """Settle the submission's flags of this code, with the student's other attempts that show the same.

    `seen_id` is the decision that whoever decides has seen in force. Returns why not, "" if done.
    """
    note = note.replace("\r\n", "\n").strip()
    if verdict is FlagVerdict.ACTED_ON and not note:
        return NOTE_NEEDED
    if len(note) > MAX_NOTE_CHARS:
        return NOTE_TOO_LONG
    group = _locked_group(session, unit, submission, code)
    if group is None:
        return GONE
    if _id_of(group) != seen_id:
        return MOVED_ON
    for attempt in group.attempts:
        session.add(
            FlagDecision(
                submission_id=attempt.submission_id,
                code=code,
                verdict=verdict,
                note=note,
                decided_by_id=actor.id,
            )
        )
    _record(session, ACTIONS[verdict], unit, submission, group, note, actor, address)
    return ""


def take_back(
    session: Session,
    unit: CourseUnit,
    submission: Submission,
    code: str,
    seen_id: int | None,
    actor: User,
    address: str | None,
) -> str:
    """Open again what was settled; return why not, "" if done."""
    group = _locked_group(session, unit, submission, code)
    if group is None:
        return GONE
    if group.decision is None or group.decision.id != seen_id:
        return MOVED_ON
    session.execute(
        sa.update(FlagDecision)
        .where(
            FlagDecision.submission_id.in_([attempt.submission_id for attempt in group.attempts]),
            FlagDecision.code == code,
            FlagDecision.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now())
    )
    _record(session, "flag.take-back", unit, submission, group, "", actor, address)
    return ""


def group_of(session: Session, unit: CourseUnit, submission: Submission, code: str) -> Group | None:
    """Return the group that the submission's flags of this code are in; None if it has none such."""
    case = case_of(session, submission, unit)
    return next(
        (
            group
            for group in (case.groups if case else ())
            if group.code == code and submission.id in {attempt.submission_id for attempt in group.attempts}
        ),
        None,
    )


def _locked_group(session: Session, unit: CourseUnit, submission: Submission, code: str) -> Group | None:
    """Return the group, with nobody else deciding about the student's submissions until all is written."""
    session.scalars(
        sa.select(Submission.id)
        .where(Submission.course_unit_id == unit.id, Submission.user_id == submission.user_id)
        .order_by(Submission.id)
        .with_for_update(key_share=True)
    ).all()
    return group_of(session, unit, submission, code)


def _id_of(group: Group) -> int | None:
    return None if group.decision is None else group.decision.id


def _record(
    session: Session,
    action: str,
    unit: CourseUnit,
    submission: Submission,
    group: Group,
    note: str,
    actor: User,
    address: str | None,
) -> None:
    record(
        session,
        action,
        actor=actor,
        course_id=unit.course_id,
        concerns_id=submission.user_id,
        submission_id=submission.id,
        subject=f"submission {submission.public_id}: {code_words(group.code)}",
        details={
            "unit_id": unit.id,
            "code": group.code,
            "attempts": [attempt.number for attempt in group.attempts],
            "reason": note,
        },
        address=address,
    )
