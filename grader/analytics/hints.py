"""Which hints students are given most, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.analytics.attempts import Attempt, run_ids
from grader.db.models import RunTest


@dataclass(frozen=True)
class HintCount:
    """How many students are given a hint, and how many different tests give it."""

    code: str
    students: int
    tests: int


def hint_counts(session: Session, chosen: Sequence[Attempt]) -> list[HintCount]:
    """Return the hints of these attempts, one of each student, the most frequent first."""
    students = sa.func.count(RunTest.run_id.distinct())
    rows = session.execute(
        sa.select(RunTest.hint_code, students, sa.func.count(RunTest.test_id.distinct()))
        .where(RunTest.run_id.in_(run_ids(chosen)), RunTest.hint_code.is_not(None))
        .group_by(RunTest.hint_code)
        .order_by(students.desc(), RunTest.hint_code)
    )
    return [HintCount(code or "", count, tests) for code, count, tests in rows]


def who_has(session: Session, chosen: Sequence[Attempt], code: str) -> list[tuple[Attempt, list[str]]]:
    """Return the attempts that were given this hint, each with the ids of the tests that gave it."""
    tests: dict[int, list[str]] = {}
    for run_id, test_id in session.execute(
        sa.select(RunTest.run_id, RunTest.test_id)
        .where(RunTest.run_id.in_(run_ids(chosen)), RunTest.hint_code == code)
        .order_by(RunTest.run_id, RunTest.position)
    ):
        tests.setdefault(run_id, []).append(test_id)
    return [(attempt, tests[attempt.run_id]) for attempt in chosen if attempt.run_id in tests]
