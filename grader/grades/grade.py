"""One student's grade of one unit: a pure function of attempts, policy and what staff decided."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from grader.db.models.states import Counting, DecisionKind
from grader.grades.lateness import LatePolicy, days_late, deduction

SCORE_DECIMALS = 6  # of a score after deduction: 30 % of 50 points are 15, and not 15.000000000000002


class Attempt(Protocol):
    """A submission as far as its grade is concerned; `score` is None until it is graded."""

    @property
    def id(self) -> int:
        """Which submission it is."""

    @property
    def number(self) -> int:
        """It counts a student's submissions of the unit from 1."""

    @property
    def received_at(self) -> datetime:
        """When it came in."""

    @property
    def score(self) -> float | None:
        """Points of its standing run."""


@dataclass(frozen=True)
class Decision:
    """What staff decided: a score, an excuse, or the submission that counts."""

    kind: DecisionKind
    score: float | None = None
    submission_id: int | None = None


class Basis(enum.StrEnum):
    """Where a grade comes from."""

    NOTHING = "nothing"  # nothing is graded yet
    ATTEMPT = "attempt"  # the rules of the unit
    CHOSEN = "chosen"  # an attempt that staff chose
    DECIDED = "decided"  # a score that staff set
    EXCUSED = "excused"


@dataclass(frozen=True)
class Grade:
    """The tests' part of a unit's grade. `score` is None while there is none, and when excused.

    `score` is what counts, after the deduction; `raw_score` what the attempt's run gave. `attempt_id` is the
    submission that counts, also under a decided score. `deducted` is a fraction, 0 to 1.
    """

    basis: Basis
    score: float | None = None
    raw_score: float | None = None
    attempt_id: int | None = None
    days_late: int = 0
    deducted: float = 0.0


def grade_of(
    attempts: Iterable[Attempt],
    counts: Counting,
    deadline_at: datetime | None,
    policy: LatePolicy,
    decision: Decision | None = None,
) -> Grade:
    """Return the grade that these attempts of one student give.

    `deadline_at` is the student's own, with what they were granted. The best attempt is the best after
    deduction, the first of equals; the latest is the latest that is graded.
    """
    graded = [_graded(attempt, deadline_at, policy) for attempt in attempts if attempt.score is not None]
    by_rule = _counting(graded, counts)
    if decision is None:
        return by_rule[1] if by_rule else Grade(Basis.NOTHING)
    if decision.kind is DecisionKind.EXCUSED:
        return Grade(Basis.EXCUSED, attempt_id=by_rule[1].attempt_id if by_rule else None)
    if decision.kind is DecisionKind.SCORE:
        attempt_id = by_rule[1].attempt_id if by_rule else None
        return Grade(Basis.DECIDED, score=decision.score, attempt_id=attempt_id)
    chosen = next((grade for _, grade in graded if grade.attempt_id == decision.submission_id), None)
    if chosen is None:
        return Grade(Basis.NOTHING, attempt_id=decision.submission_id)
    return Grade(
        Basis.CHOSEN, chosen.score, chosen.raw_score, chosen.attempt_id, chosen.days_late, chosen.deducted
    )


def _graded(attempt: Attempt, deadline_at: datetime | None, policy: LatePolicy) -> tuple[int, Grade]:
    """Return the attempt's number and the grade that it would give."""
    assert attempt.score is not None
    days = days_late(policy, deadline_at, attempt.received_at)
    lost = deduction(policy, days)
    score = round(attempt.score * (1 - lost), SCORE_DECIMALS)
    grade = Grade(Basis.ATTEMPT, score, attempt.score, attempt.id, days, lost)
    return attempt.number, grade


def _counting(graded: list[tuple[int, Grade]], counts: Counting) -> tuple[int, Grade] | None:
    if not graded:
        return None
    if counts is Counting.LATEST:
        return max(graded, key=lambda each: each[0])
    return max(graded, key=lambda each: (each[1].score or 0.0, -each[0]))
