"""One test of a unit: who passes it, who does not and how, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.analytics.attempts import Attempt, Work, run_ids
from grader.analytics.pass_rates import PASSED, Moment, over_time
from grader.db.models import RunTest


@dataclass(frozen=True)
class Miss:
    """An attempt that does not pass the test."""

    attempt: Attempt
    outcome: str
    hint_code: str | None


@dataclass(frozen=True)
class OneTest:
    """How one attempt of each student fares at one test."""

    test_id: str
    group: str
    visibility: str
    passed: int
    missed: tuple[Miss, ...]


def one_test(session: Session, chosen: Sequence[Attempt], test_id: str) -> OneTest | None:
    """Return who passes the test; None if none of the attempts has it."""
    rows = {
        row.run_id: row
        for row in session.scalars(
            sa.select(RunTest).where(RunTest.test_id == test_id, RunTest.run_id.in_(run_ids(chosen)))
        )
    }
    if not rows:
        return None
    some = next(iter(rows.values()))
    missed = tuple(
        Miss(attempt, row.outcome, row.hint_code)
        for attempt in chosen
        if (row := rows.get(attempt.run_id)) is not None and row.outcome != PASSED
    )
    return OneTest(test_id, some.test_group, some.visibility, len(rows) - len(missed), missed)


def passing_over_time(
    session: Session, work: Work, times: Sequence[tuple[datetime, float]], test_id: str
) -> list[Moment]:
    """Return day by day how many passed the test, under its id."""
    runs = [attempt.run_id for own in work.attempts.values() for attempt in own]
    passing = set(
        session.scalars(  # from the index alone; runs of other units in between do no harm
            sa.select(RunTest.run_id).where(
                RunTest.test_id == test_id,
                RunTest.run_id.between(min(runs, default=0), max(runs, default=0)),
                RunTest.outcome == PASSED,
            )
        )
    )
    return over_time(work, times, lambda attempt: (test_id,) if attempt.run_id in passing else ())
