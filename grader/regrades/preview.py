"""What a regrade changes: who gains, who loses, by how much and by which tests."""

from __future__ import annotations

import enum
import statistics
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from grader.db.models import (
    GradingRun,
    Regrade,
    RegradedSubmission,
    RunState,
    RunTest,
    Submission,
    User,
)
from grader.grades.grade import Basis, Grade
from grader.judging.result import Outcome
from grader.regrades.choosing import grades, standings
from grader.results.comparison import Change

TOLERANCE = 0.005  # points are shown to the hundredth


class Effect(enum.StrEnum):
    """What the regrade does to a student's grade."""

    GAINS = "gains"
    LOSES = "loses"
    STAYS = "stays"
    UNKNOWN = "not known yet"


@dataclass(frozen=True)
class ChangedTest:
    """A test that ended otherwise, or has other points; `points` are those gained, negative if lost."""

    id: str
    group: str
    change: Change
    points: float


@dataclass(frozen=True)
class RegradedAttempt:
    """One submission: its points before and after, and the tests that make the difference.

    `before` is what stands, or stood when the regrade was promoted. `after` is None while there is none.
    """

    public_id: str
    number: int
    state: RunState | None
    before: float | None
    after: float | None
    problem: str | None
    tests: tuple[ChangedTest, ...]


@dataclass(frozen=True)
class StudentChange:
    """One student: the unit's grade before and after, and the submissions that are graded again."""

    name: str
    email: str
    before: Grade
    after: Grade
    attempts: tuple[RegradedAttempt, ...]

    @property
    def difference(self) -> float:
        """Points of the grade gained; lost ones are negative."""
        return (self.after.score or 0.0) - (self.before.score or 0.0)

    @property
    def effect(self) -> Effect:
        """What happens to the grade; not known while a submission that could change it is not over."""
        if any(attempt.state in (None, RunState.QUEUED, RunState.RUNNING) for attempt in self.attempts):
            return Effect.UNKNOWN
        if abs(self.difference) < TOLERANCE:
            return Effect.STAYS
        return Effect.GAINS if self.difference > 0 else Effect.LOSES

    @property
    def has_other_points(self) -> bool:
        """Whether a submission has other points than before, whatever that means for the grade."""
        return any(
            attempt.after is not None and abs(attempt.after - (attempt.before or 0.0)) >= TOLERANCE
            for attempt in self.attempts
        )

    @property
    def why_unmoved(self) -> str:
        """Why the grade stays although a submission has other points; empty where that needs no words."""
        if self.effect is not Effect.STAYS or not self.has_other_points:
            return ""
        if self.after.basis is Basis.EXCUSED:
            return "excused"
        return "the grade was set by staff" if self.after.basis is Basis.DECIDED else "another attempt counts"


@dataclass(frozen=True)
class TestSummary:
    """One test over all submissions: how many pass it now, how many fail it now, points moved."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    id: str
    group: str
    fixed: int
    broken: int
    points: float


@dataclass(frozen=True)
class Preview:
    """The whole regrade; students by how much their grade changes, the losses first."""

    students: tuple[StudentChange, ...]

    def having(self, *effects: Effect) -> tuple[StudentChange, ...]:
        """Return the students to whom one of these happens."""
        return tuple(each for each in self.students if each.effect in effects)

    @property
    def mean(self) -> float | None:
        """The mean change of a grade, of all whose change is known; None while none is."""
        known = [each.difference for each in self.students if each.effect is not Effect.UNKNOWN]
        return statistics.fmean(known) if known else None

    @property
    def biggest_gain(self) -> StudentChange | None:
        """Whoever gains most, if anybody does."""
        return max(self.having(Effect.GAINS), key=lambda each: each.difference, default=None)

    @property
    def biggest_loss(self) -> StudentChange | None:
        """Whoever loses most, if anybody does."""
        return min(self.having(Effect.LOSES), key=lambda each: each.difference, default=None)

    def by_test(self) -> list[TestSummary]:
        """Return the tests that make a difference, those that concern most submissions first."""
        found: dict[str, TestSummary] = {}
        for test in (test for each in self.students for attempt in each.attempts for test in attempt.tests):
            seen = found.get(test.id, TestSummary(test.id, test.group, 0, 0, 0.0))
            found[test.id] = replace(
                seen,
                fixed=seen.fixed + (test.change is Change.FIXED),
                broken=seen.broken + (test.change is Change.BROKEN),
                points=seen.points + test.points,
            )
        return sorted(found.values(), key=lambda each: (-each.fixed - each.broken, each.id))


def preview(session: Session, regrade: Regrade) -> Preview:
    """Return what the regrade changes, or has changed: before are the runs that it replaced, if it did."""
    rows = _rows(session, regrade)
    of = sa.select(Submission.user_id).join(
        RegradedSubmission, RegradedSubmission.submission_id == Submission.id
    )
    before = standings(session, regrade.course_unit, of.where(RegradedSubmission.regrade_id == regrade.id))
    old = {row.submission_id: row.old_score for row in rows}
    new = {row.submission_id: row.new_score for row in rows if row.state is RunState.GRADED}
    before = [replace(each, score=old.get(each.submission_id, each.score)) for each in before]
    after = [replace(each, score=new.get(each.submission_id, each.score)) for each in before]
    grades_before = grades(session, regrade.course_unit, before)
    grades_after = grades(session, regrade.course_unit, after)
    tests = _Tests(session, {run for row in rows for run in (row.old_run_id, row.run_id) if run is not None})
    by_student: dict[int, list[_Row]] = {}
    for row in rows:
        by_student.setdefault(row.user_id, []).append(row)
    students = [
        StudentChange(
            own[0].name,
            own[0].email,
            grades_before[user_id],
            grades_after[user_id],
            tuple(
                RegradedAttempt(
                    row.public_id,
                    row.number,
                    row.state,
                    row.old_score,
                    row.new_score if row.state is RunState.GRADED else None,
                    row.problem,
                    tuple(tests.changed(row.old_run_id, row.run_id)) if row.state is RunState.GRADED else (),
                )
                for row in own
            ),
        )
        for user_id, own in by_student.items()
    ]
    return Preview(tuple(sorted(students, key=lambda each: (each.difference, each.name, each.email))))


@dataclass(frozen=True)
class _Row:
    submission_id: int
    public_id: str
    number: int
    user_id: int
    name: str
    email: str
    run_id: int | None
    state: RunState | None
    new_score: float | None
    problem: str | None
    old_run_id: int
    old_score: float | None


def _rows(session: Session, regrade: Regrade) -> list[_Row]:
    new, old = aliased(GradingRun), aliased(GradingRun)
    found: Any = session.execute(  # more columns than SQLAlchemy has types for
        sa.select(
            Submission.id,
            Submission.public_id,
            Submission.number,
            User.id,
            User.name,
            User.email,
            new.id,
            new.state,
            new.score,
            new.problem,
            old.id,
            old.score,
        )
        .select_from(RegradedSubmission)
        .join(Submission, RegradedSubmission.submission_id == Submission.id)
        .join(User, Submission.user_id == User.id)
        .join(new, RegradedSubmission.run_id == new.id, isouter=True)
        .join(
            old,
            sa.and_(
                old.submission_id == Submission.id,
                sa.or_(
                    old.id == RegradedSubmission.replaced_run_id,
                    sa.and_(RegradedSubmission.replaced_run_id.is_(None), old.stands),
                ),
            ),
        )
        .where(RegradedSubmission.regrade_id == regrade.id)
        .order_by(User.name, Submission.user_id, Submission.number)
    )
    return [_Row(*row) for row in found]


class _Tests:
    """The tests of many runs, as short as a comparison needs them."""

    def __init__(self, session: Session, run_ids: Collection[int]):
        self._of_run: dict[int, dict[str, tuple[str, bool, float]]] = {}
        wanted = sorted(run_ids)
        for begin in range(0, len(wanted), 500):
            found = session.execute(
                sa.select(
                    RunTest.run_id, RunTest.test_id, RunTest.test_group, RunTest.outcome, RunTest.points
                )
                .where(RunTest.run_id.in_(wanted[begin : begin + 500]))
                .order_by(RunTest.run_id, RunTest.position)
            )
            for run_id, test_id, group, outcome, points in found:
                passed = outcome == Outcome.PASSED.value
                self._of_run.setdefault(run_id, {})[test_id] = (group, passed, points)

    def changed(self, before: int | None, after: int | None) -> Iterator[ChangedTest]:
        """Yield the tests that ended otherwise, or have other points, in the order of the later run."""
        old = self._of_run.get(before or 0, {})
        new = self._of_run.get(after or 0, {})
        for test_id in dict.fromkeys((*new, *old)):
            was, now = old.get(test_id), new.get(test_id)
            points = (0.0 if now is None else now[2]) - (0.0 if was is None else was[2])
            change = _change(was, now)
            if abs(points) >= TOLERANCE or change not in (Change.STILL_PASSING, Change.STILL_FAILING):
                group = (now or was or ("", False, 0.0))[0]
                yield ChangedTest(test_id, group, change, points)


def _change(was: tuple[str, bool, float] | None, now: tuple[str, bool, float] | None) -> Change:
    if was is None:
        return Change.ADDED
    if now is None:
        return Change.REMOVED
    if was[1] == now[1]:
        return Change.STILL_PASSING if now[1] else Change.STILL_FAILING
    return Change.FIXED if now[1] else Change.BROKEN
