"""How many pass each test: now, at the first attempt, and day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.analytics.attempts import Attempt, Work, run_ids
from grader.db.models import RunTest

PASSED = "passed"
DAY = timedelta(days=1)
MOST_MOMENTS = 24


@dataclass(frozen=True)
class Count:
    """`passed` of `of`."""

    passed: int = 0
    of: int = 0

    @property
    def share(self) -> float | None:
        """The share that passed, 0 to 1; None of nobody."""
        return self.passed / self.of if self.of else None


@dataclass(frozen=True)
class TestRate:
    """One test: how many pass it now, and how many did at their first attempt."""

    __test__ = False  # for pytest, which goes by names

    test_id: str
    group: str
    visibility: str
    now: Count
    first: Count


def pass_rates(session: Session, chosen: Sequence[Attempt], first: Sequence[Attempt]) -> list[TestRate]:
    """Return the tests of the attempts `chosen`, in their order, each with how many pass it."""
    before = {
        test_id: Count(passed, of) for test_id, _, _, _, passed, of in _counted(session, run_ids(first))
    }
    return [
        TestRate(test_id, group, visibility, Count(passed, of), before.get(test_id, Count()))
        for test_id, group, visibility, _, passed, of in _counted(session, run_ids(chosen))
    ]


def _counted(session: Session, runs: Sequence[int]) -> Sequence[sa.Row[str, str, str, int, int, int]]:
    position = sa.func.min(RunTest.position)
    return session.execute(
        sa.select(
            RunTest.test_id,
            sa.func.min(RunTest.test_group),
            sa.func.min(RunTest.visibility),
            position,
            sa.func.sum(sa.case((RunTest.outcome == PASSED, 1), else_=0)),
            sa.func.count(),
        )
        .where(RunTest.run_id.in_(runs))
        .group_by(RunTest.test_id)
        .order_by(position, RunTest.test_id)
    ).all()


@dataclass(frozen=True)
class Moment:
    """The course at one moment: of the students who had a graded attempt, how many passed what.

    `days` is the moment as `moments` numbers it. `passed` has a number for each name that anybody passed.
    """

    days: float
    students: int
    passed: dict[str, int]

    def share(self, name: str) -> float | None:
        """Return the share that had passed this, 0 to 1; None while nobody had handed in."""
        return self.passed.get(name, 0) / self.students if self.students else None


def moments(work: Work, deadline_at: datetime | None) -> list[tuple[datetime, float]]:
    """Return the days on which hand-ins came, at most some two dozen: when each is over, and its number.

    Days count from the deadline (0, negative before it), or from the first hand-in where there is none.
    """
    came = [attempt.received_at for own in work.attempts.values() for attempt in (own[0], own[-1])]
    if not came:
        return []
    begin, end = min(came), max(came)
    origin = deadline_at if deadline_at is not None else begin
    first, last = -((origin - begin) // DAY), -((origin - end) // DAY)
    step = max(1, -(-(last - first) // (MOST_MOMENTS - 1)))
    days = range(last, first - 1, -step)  # from the end, which must be among them
    return [(origin + day * DAY, float(day)) for day in reversed(days)]


def over_time(
    work: Work, times: Sequence[tuple[datetime, float]], passed: Callable[[Attempt], Iterable[str]]
) -> list[Moment]:
    """Return for each moment how many passed, going by the latest graded attempt that each student had then.

    `passed` names what an attempt passed.
    """
    alike: list[Counter[str]] = [Counter() for _ in times]
    students = [0] * len(times)
    for attempts in work.graded():
        latest, following = None, 0
        for position, (at, _) in enumerate(times):
            while following < len(attempts) and attempts[following].received_at <= at:
                latest, following = attempts[following], following + 1
            if latest is not None:
                students[position] += 1
                alike[position].update(passed(latest))
    return [
        Moment(days, of, dict(counter)) for (_, days), counter, of in zip(times, alike, students, strict=True)
    ]
