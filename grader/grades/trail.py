"""Reading the audit trail: all of a course for its staff, and for a student what concerns them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.accounts.links_csv import harmless
from grader.db.models import AuditEvent, CourseUnit, Enrolment, Submission, User
from grader.grades import sentences

FOR_INSTRUCTORS = ("webhook",)  # kinds that other staff have no page for
THE_GRADER = "The grader"
ABOUT_GRADES = ("grade.score", "grade.excuse", "grade.choose", "grade.withdraw")
ABOUT_TERMS = ("allowance.grant", "allowance.withdraw")
OF_THE_UNIT = ("grades.withhold", "grades.release", "terms.late_policy")
OF_REGRADES = ("regrade.result", "regrade.result-back")
COMMENTS = ("comment.add", "comment.edit", "comment.remove")
OF_SUBMISSIONS = ("run.regrade", "run.cancel", "run.problem", *OF_REGRADES, *COMMENTS)
BY_PEOPLE = ("rubric.mark", "rubric.withdraw-mark")
OF_FLAGS = ("flag.dismiss", "flag.act-on", "flag.take-back")  # for staff: a suspicion is no decision yet
WITHHELD_WITH_GRADES = (*ABOUT_GRADES, *OF_REGRADES, *COMMENTS, *BY_PEOPLE)


@dataclass(frozen=True)
class Search:
    """What to find: a person by name or address (who did it, or whom it concerns), a kind, a text."""

    person: str = ""
    kind: str = ""
    text: str = ""

    @property
    def is_for_all(self) -> bool:
        """Whether it leaves nothing out."""
        return not (self.person or self.kind or self.text)


@dataclass(frozen=True)
class Line:
    """One event for people: when, who, what they did and why."""

    at: datetime
    actor: str
    did: str
    concerned: str
    concerns_id: int | None
    reason: str
    action: str
    subject: str

    @property
    def kind(self) -> str:
        """Its kind in words."""
        return sentences.kind_words(sentences.kind_of(self.action))


def found(course_id: int, search: Search, *, is_instructor: bool) -> sa.Select[AuditEvent]:
    """Select the course's events that match, the newest first."""
    query = sa.select(AuditEvent).where(AuditEvent.course_id == course_id)
    if not is_instructor:
        query = query.where(*(sa.not_(_is_of_kind(kind)) for kind in FOR_INSTRUCTORS))
    if search.kind:
        query = query.where(_is_of_kind(search.kind))
    if search.person:
        is_called = User.name.icontains(search.person, autoescape=True) | User.email.icontains(
            search.person, autoescape=True
        )
        people = sa.select(User.id).where(is_called)
        query = query.where(AuditEvent.actor_id.in_(people) | AuditEvent.concerns_id.in_(people))
    if search.text:
        as_stored = json.dumps(search.text)[1:-1]  # details are JSON, which writes letters beyond ASCII as \u
        query = query.where(
            AuditEvent.subject.icontains(search.text, autoescape=True)
            | AuditEvent.action.icontains(search.text, autoescape=True)
            | sa.cast(AuditEvent.details, sa.Text).icontains(as_stored, autoescape=True)
        )
    return query.order_by(AuditEvent.id.desc())


def kinds(session: Session, course_id: int, *, is_instructor: bool) -> list[tuple[str, str]]:
    """Return the kinds of event that the course has, with their words, in alphabetical order of these."""
    actions = session.scalars(
        sa.select(AuditEvent.action).where(AuditEvent.course_id == course_id).distinct()
    )
    present = {sentences.kind_of(action) for action in actions}
    hidden = () if is_instructor else FOR_INSTRUCTORS
    return sorted(
        ((kind, sentences.kind_words(kind)) for kind in present if kind not in hidden),
        key=lambda pair: pair[1],
    )


def lines(session: Session, events: Sequence[AuditEvent], reader_id: int | None = None) -> list[Line]:
    """Return the events as lines; what concerns the reader says “you”."""
    if not events:
        return []
    people = {id for event in events for id in (event.actor_id, event.concerns_id) if id is not None}
    names = {
        row.id: row.name for row in session.execute(sa.select(User.id, User.name).where(User.id.in_(people)))
    }
    return [_line(event, names, reader_id) for event in events]


def concerning(session: Session, course_unit: CourseUnit, user_id: int, *, for_student: bool) -> list[Line]:
    """Return what was decided in the unit about this student, their section or everybody, the newest first.

    For the student it leaves out what was decided about their grade while grades are withheld, and what staff
    made of flags; it says of runs only what people did.
    """
    ours = session.scalars(
        sa.select(AuditEvent)
        .join(Submission, AuditEvent.submission_id == Submission.id, isouter=True)
        .where(
            AuditEvent.course_id == course_unit.course_id,
            sa.or_(
                sa.and_(
                    AuditEvent.concerns_id == user_id,
                    AuditEvent.action.in_((*ABOUT_GRADES, *ABOUT_TERMS, *BY_PEOPLE, *OF_FLAGS)),
                ),
                sa.and_(
                    AuditEvent.concerns_id == user_id,
                    AuditEvent.action.in_(OF_SUBMISSIONS),
                    Submission.course_unit_id == course_unit.id,
                ),
                sa.and_(
                    AuditEvent.concerns_id.is_(None), AuditEvent.action.in_((*ABOUT_TERMS, *OF_THE_UNIT))
                ),
            ),
        )
        .order_by(AuditEvent.id.desc())
    ).all()
    section = (
        _section(session, course_unit, user_id) if any(_names_a_section(each) for each in ours) else None
    )
    hides_grades = for_student and course_unit.are_grades_withheld
    shown = [
        event
        for event in ours
        if (event.action in OF_SUBMISSIONS or event.details.get("unit_id") == course_unit.id)
        and (not _names_a_section(event) or event.details["section"] == section)
        and not (hides_grades and event.action in WITHHELD_WITH_GRADES)
        and not (for_student and event.action in OF_FLAGS)
        and not (for_student and event.action in OF_SUBMISSIONS and event.actor_id is None)
    ]
    return lines(session, shown, reader_id=user_id if for_student else None)


def as_csv(found_lines: Iterable[Line]) -> bytes:
    """Return the lines as CSV that spreadsheets read rightly: with their mark of UTF-8, without formulas."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("when (UTC)", "who", "what", "why", "concerns", "kind", "action", "subject"))
    for line in found_lines:
        at = line.at.astimezone(UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
        cells = (line.actor, line.did, line.reason, line.concerned, line.kind, line.action, line.subject)
        writer.writerow([at, *map(harmless, cells)])
    return text.getvalue().encode("utf-8-sig")


def _line(event: AuditEvent, names: dict[int, str], reader_id: int | None) -> Line:
    concerned = "" if event.concerns_id is None else names[event.concerns_id]
    is_reader = reader_id is not None and event.concerns_id == reader_id
    actor = THE_GRADER if event.actor_id is None else names[event.actor_id]
    if reader_id is not None and event.actor_id == reader_id:
        actor = "You"
    reason = event.details.get("reason")
    return Line(
        at=event.at,
        actor=actor,
        did=sentences.did(event, concerned or None, is_reader=is_reader),
        concerned=concerned,
        concerns_id=event.concerns_id,
        reason=reason if isinstance(reason, str) else "",
        action=event.action,
        subject=event.subject,
    )


def _names_a_section(event: AuditEvent) -> bool:
    return "section" in event.details


def _section(session: Session, course_unit: CourseUnit, user_id: int) -> str | None:
    return session.scalar(
        sa.select(Enrolment.section).where(
            Enrolment.course_id == course_unit.course_id, Enrolment.user_id == user_id
        )
    )


def _is_of_kind(kind: str) -> sa.ColumnElement[bool]:
    return AuditEvent.action.startswith(f"{kind}.", autoescape=True)
