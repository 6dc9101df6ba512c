"""What there is to review in a course: flags of standing runs, the same evidence of one student together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from grader.db.models import CourseUnit, FlagDecision, GradingRun, RunFlag, Submission, User
from grader.review.counting import counting_submissions
from grader.review.kinds import Kind, code_words, codes_of, kind_of

_LINE_NUMBER = re.compile(r", line \d+")


@dataclass(frozen=True)
class Flag:
    """One flag of a run, as the judge wrote it; line 0 is the file as a whole, file "" the run as a whole."""

    file: str
    line: int
    text: str

    @property
    def sign(self) -> tuple[str, str]:
        """What is the same where a line has only moved."""
        return self.file, _LINE_NUMBER.sub("", self.text)


@dataclass(frozen=True)
class FlaggedAttempt:
    """One submission with its flags of one code; `counts` if the student's grade comes from it."""

    submission_id: int
    public_id: str
    number: int
    received_at: datetime
    counts: bool
    flags: tuple[Flag, ...]

    @property
    def signs(self) -> frozenset[tuple[str, str]]:
        """What its flags show, wherever in the files it stands."""
        return frozenset(flag.sign for flag in self.flags)


@dataclass
class Group:
    """Attempts, the first one first, that show the same of one code; settled while `decision` is not None."""

    code: str
    attempts: list[FlaggedAttempt]
    signs: frozenset[tuple[str, str]]
    decision: FlagDecision | None = None

    @property
    def title(self) -> str:
        """The code in words."""
        return code_words(self.code)

    @property
    def kind(self) -> Kind:
        """What it is about."""
        return kind_of(self.code)

    @property
    def shown(self) -> FlaggedAttempt:
        """The attempt to look at: the one that counts, else the newest."""
        return next((attempt for attempt in self.attempts if attempt.counts), self.attempts[-1])

    @property
    def counts(self) -> bool:
        """Whether the student's grade comes from one of the attempts."""
        return any(attempt.counts for attempt in self.attempts)


@dataclass
class Case:
    """What is flagged of one student in one unit."""

    unit: CourseUnit
    student: User
    groups: list[Group] = field(default_factory=list)

    @property
    def newest_at(self) -> datetime:
        """When the newest of its attempts came in."""
        return max(group.attempts[-1].received_at for group in self.groups)

    @property
    def shown(self) -> FlaggedAttempt:
        """The attempt whose evidence to open: one that counts before others, the newest of them."""
        return max((group.shown for group in self.groups), key=lambda one: (one.counts, one.number))


@dataclass(frozen=True)
class Search:
    """Which groups to show; None leaves nothing out. `settled` False: only open ones.

    Notes are shown only if they are asked for by their kind. `counting`: only groups that grades come from.
    """

    unit_id: int | None = None
    kind: Kind | None = None
    settled: bool | None = False
    counting: bool = True
    user_id: int | None = None


def cases(session: Session, units: Sequence[CourseUnit], search: Search) -> list[Case]:
    """Return what is found in these units of a course, the newest first."""
    wanted = [unit for unit in units if search.unit_id in (None, unit.id)]
    found: dict[tuple[int, int], Case] = {}
    by_id = {unit.id: unit for unit in wanted}
    flagged = _flagged(session, wanted, search)
    students = _people(session, {user_id for _, user_id, _, _ in flagged})
    for unit_id, user_id, code, attempts in flagged:
        for group in grouped(code, attempts):
            if search.counting and not group.counts:
                continue
            key = (unit_id, user_id)
            found.setdefault(key, Case(by_id[unit_id], students[user_id])).groups.append(group)
    _decide(session, [group for case in found.values() for group in case.groups])
    for case in found.values():
        case.groups = [
            group
            for group in case.groups
            if search.settled is None or search.settled is (group.decision is not None)
        ]
    left = [case for case in found.values() if case.groups]
    return sorted(left, key=lambda case: case.newest_at, reverse=True)


def case_of(session: Session, submission: Submission, unit: CourseUnit) -> Case | None:
    """Return all that is flagged of the submission's student in its unit, notes too; None for nothing."""
    search = Search(unit_id=unit.id, settled=None, counting=False, user_id=submission.user_id)
    notes = cases(session, [unit], Search(unit.id, Kind.NOTES, None, False, submission.user_id))
    found = cases(session, [unit], search)
    groups = [group for case in (*found, *notes) for group in case.groups]
    return Case(unit, submission.user, groups) if groups else None


def open_count(session: Session, units: Sequence[CourseUnit]) -> int:
    """Return how many students' work in a unit waits for somebody to look at."""
    return len(cases(session, units, Search()))


def grouped(code: str, attempts: Iterable[FlaggedAttempt]) -> list[Group]:
    """Return a student's attempts, the first one first, as groups of those that show the same.

    One that shows less than an earlier group, and nothing else, belongs to the newest such group.
    """
    groups: list[Group] = []
    for attempt in attempts:
        same = next((group for group in reversed(groups) if attempt.signs <= group.signs), None)
        if same is None:
            groups.append(Group(code, [attempt], attempt.signs))
        else:
            same.attempts.append(attempt)
    return groups


Flagged = tuple[int, int, str, list[FlaggedAttempt]]


def _flagged(session: Session, units: Sequence[CourseUnit], search: Search) -> list[Flagged]:
    """Return unit id, user id, code and attempts with their flags, of each student, unit and code."""
    query = (
        sa.select(
            Submission.course_unit_id,
            Submission.user_id,
            RunFlag.code,
            Submission.number,
            Submission.id,
            Submission.public_id,
            Submission.received_at,
            RunFlag.file,
            RunFlag.line,
            RunFlag.text,
        )
        .join(GradingRun, RunFlag.run_id == GradingRun.id)
        .join(Submission, GradingRun.submission_id == Submission.id)
        .where(
            GradingRun.stands,
            Submission.course_unit_id.in_([unit.id for unit in units]),
            _is_of_kind(search.kind),
        )
        .order_by(
            Submission.course_unit_id, Submission.user_id, RunFlag.code, Submission.number, RunFlag.position
        )
    )
    if search.user_id is not None:
        query = query.where(Submission.user_id == search.user_id)
    rows = session.execute(query).all()
    counting = counting_submissions(session, units, {row.user_id for row in rows})
    return [
        (*key, _attempts(list(of_key), counting))
        for key, of_key in groupby(rows, key=lambda row: (row.course_unit_id, row.user_id, row.code))
    ]


def _people(session: Session, ids: Collection[int]) -> dict[int, User]:
    return {user.id: user for user in session.scalars(sa.select(User).where(User.id.in_(ids)))}


def _attempts(rows: Sequence[Any], counting: Collection[int]) -> list[FlaggedAttempt]:
    found = []
    for _, of_attempt in groupby(rows, key=lambda row: row.id):
        first, *others = of_attempt
        flags = tuple(Flag(row.file, row.line, row.text) for row in (first, *others))
        found.append(
            FlaggedAttempt(
                first.id, first.public_id, first.number, first.received_at, first.id in counting, flags
            )
        )
    return found


def _is_of_kind(kind: Kind | None) -> sa.ColumnElement[bool]:
    """Return the condition on the code; one that is not in the list is unusual code."""
    if kind is None:
        return RunFlag.code.not_in(codes_of(Kind.NOTES))
    if kind is Kind.CODE:
        return RunFlag.code.not_in([code for each in Kind if each is not kind for code in codes_of(each)])
    return RunFlag.code.in_(codes_of(kind))


def _decide(session: Session, groups: Sequence[Group]) -> None:
    """Give each group the newest decision in force on one of its attempts."""
    ids = {attempt.submission_id for group in groups for attempt in group.attempts}
    decisions = session.scalars(
        sa.select(FlagDecision)
        .where(FlagDecision.submission_id.in_(ids), FlagDecision.withdrawn_at.is_(None))
        .order_by(FlagDecision.id)
        .options(joinedload(FlagDecision.decided_by))
    )
    newest = {(decision.submission_id, decision.code): decision for decision in decisions}
    for group in groups:
        held = [newest.get((attempt.submission_id, group.code)) for attempt in group.attempts]
        group.decision = max((each for each in held if each), key=lambda each: each.id, default=None)
