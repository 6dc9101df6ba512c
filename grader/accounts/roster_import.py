"""Bringing a course's list in: first a plan of what changes, to be looked at, then exactly that plan.

Who is new gets an account that nobody can sign in to yet (see `invitations`). Members are updated by what
the list says, and keep what it does not say. Nobody who is not on the list is touched. A list that was
brought in already changes nothing. Unused invitations to a higher role than the list gives end.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.accounts import making, members, unused_links
from grader.accounts.belonging import is_claimed
from grader.accounts.roster import Problem, Row
from grader.db.models import AuditEvent, Enrolment, Role, User
from grader.grades.terms import restate_by_sections


class Kind(enum.StrEnum):
    """What becomes of a person of the list."""

    NEW = "new"
    RETURNS = "returns"
    CHANGES = "changes"
    SAME = "same"


@dataclass(frozen=True)
class Difference:
    """One field that changes; `before` is None where nothing was known."""

    field: str
    before: str | None
    after: str


@dataclass(frozen=True)
class Change:
    """What becomes of one person: `name` and `role` as they will be."""

    row: Row
    kind: Kind
    name: str
    role: Role
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What the import would do. With any problem it does nothing. `absent` are members not on the list."""

    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    absent: tuple[str, ...]

    @property
    def digest(self) -> str:
        """A short text that is the same only for the same plan."""
        return hashlib.sha256(repr((self.changes, self.problems)).encode()).hexdigest()[:32]

    def of_kind(self, kind: Kind | str) -> list[Change]:
        """Return the changes of this kind, in the list's order."""
        return [change for change in self.changes if change.kind == kind]


def plan_import(session: Session, course_id: int, rows: Iterable[Row], actor_id: int | None) -> Plan:
    """Return what importing these rows into the course would change, decided by this person."""
    rows = tuple(rows)
    users = _users(session, rows)
    enrolments = _enrolments(session, course_id)
    changes, problems = [], []
    for row in rows:
        user = users.get(row.email)
        enrolment = enrolments.get(row.email)
        name = (user.name if user else row.name) or ""
        if not name:
            problems.append(Problem(row.line, f"{row.email} is new here: the name is missing."))
            continue
        if user is not None and not user.is_active:
            problems.append(Problem(row.line, f"The account of {row.email} is closed. Ask an administrator."))
            continue
        change = _change(row, user, enrolment)
        changes.append(change)
        if user is not None and user.id == actor_id and enrolment and change.role is not enrolment.role:
            problems.append(Problem(row.line, "You can’t change your own role. Ask another instructor."))
    problems += _without_instructor(changes, enrolments)
    listed = {row.email for row in rows}
    absent = tuple(
        sorted(
            enrolment.user.name
            for email, enrolment in enrolments.items()
            if email not in listed and enrolment.ended_at is None
        )
    )
    return Plan(tuple(changes), tuple(sorted(problems, key=lambda p: p.line)), absent)


def apply_import(
    session: Session, course_id: int, rows: Iterable[Row], actor_id: int | None, digest: str
) -> tuple[Plan, bool]:
    """Carry out the import if its plan is still the one with this digest; return the plan and whether it was.

    Changes nothing if the plan has problems, or has become another one since it was looked at.
    """
    members.lock_course(session, course_id)
    plan = plan_import(session, course_id, rows, actor_id)
    if plan.problems or plan.digest != digest:
        return plan, False
    users = _users(session, [change.row for change in plan.changes])
    for email, name in sorted((change.row.email, change.name) for change in plan.changes):
        if email not in users:  # in one order, so that two imports at once never wait for each other
            users[email] = making.found_or_made(session, email, name)
    enrolments = _enrolments(session, course_id)
    for change in plan.changes:
        if change.kind is Kind.SAME:
            continue
        user = users[change.row.email]
        if not is_claimed(user):
            user.name = change.row.name or user.name
        enrolment = enrolments.get(user.email)
        if enrolment is None:
            enrolment = Enrolment(course_id=course_id, user_id=user.id, role=change.role)
            session.add(enrolment)
        is_lower = members.RANK(change.role) < members.RANK(enrolment.role)
        enrolment.role, enrolment.ended_at = change.role, None
        enrolment.student_number = change.row.student_number or enrolment.student_number
        enrolment.section = change.row.section or enrolment.section
        session.flush()
        members.record(session, enrolment, f"roster.{change.kind}", actor_id)
        if is_lower:
            unused_links.withdraw_from(session, enrolment, actor_id)
        elif change.row.role is not None:
            unused_links.withdraw_above(session, enrolment, actor_id)
    restate_by_sections(session, course_id)
    counts = {kind.value: len(plan.of_kind(kind)) for kind in Kind}
    session.add(
        AuditEvent(
            actor_id=actor_id, course_id=course_id, action="roster.import", subject="list", details=counts
        )
    )
    return plan, True


def _change(row: Row, user: User | None, enrolment: Enrolment | None) -> Change:
    if user is None or enrolment is None:
        name = (user.name if user else row.name) or ""
        return Change(row, Kind.NEW, name, row.role or Role.STUDENT)
    role = row.role or enrolment.role
    candidates = (
        ("name", user.name, None if is_claimed(user) else row.name),
        ("role", enrolment.role.value, role.value),
        ("student number", enrolment.student_number, row.student_number),
        ("section", enrolment.section, row.section),
    )
    differences = tuple(
        Difference(field, before, after)
        for field, before, after in candidates
        if after is not None and after != before
    )
    kind = Kind.CHANGES if differences else Kind.SAME
    if enrolment.ended_at is not None:
        kind = Kind.RETURNS
    return Change(row, kind, user.name, role, differences)


def _without_instructor(changes: list[Change], enrolments: dict[str, Enrolment]) -> list[Problem]:
    """Return a problem if the course has instructors now and would have none then."""
    before = {
        email
        for email, enrolment in enrolments.items()
        if enrolment.role is Role.INSTRUCTOR and enrolment.ended_at is None
    }
    after = before - {change.row.email for change in changes}
    after |= {change.row.email for change in changes if change.role is Role.INSTRUCTOR}
    return [Problem(0, "The course would be left without an instructor.")] if before and not after else []


def _users(session: Session, rows: Iterable[Row]) -> dict[str, User]:
    emails = [row.email for row in rows]
    return {user.email: user for user in session.scalars(sa.select(User).where(User.email.in_(emails)))}


def _enrolments(session: Session, course_id: int) -> dict[str, Enrolment]:
    found = session.scalars(
        sa.select(Enrolment).where(Enrolment.course_id == course_id).options(joinedload(Enrolment.user))
    )
    return {enrolment.user.email: enrolment for enrolment in found}
