"""Made-up work: students by number, each with attempts of which only some facts matter."""

from datetime import UTC, datetime, timedelta
from typing import Any

from grader.analytics.attempts import Attempt, Work

BEGIN = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def attempt(day: float = 0.0, score: float | None = 50.0, groups: str = "", **fields: Any) -> Attempt:
    """Return an attempt that came so many days after BEGIN; the rest is filled in by `work`."""
    usual: dict[str, Any] = {"id": 0, "user_id": 0, "public_id": "x", "number": 0, "run_id": 0}
    return Attempt(
        **{**usual, **fields},
        received_at=BEGIN + day * DAY,
        score=score,
        max_score=100.0,
        passed_groups=groups,
    )


def work(*students: list[Attempt]) -> Work:
    """Return the work of these students, numbered from 1; the latest attempt counts."""
    attempts: dict[int, list[Attempt]] = {}
    run = 0
    for user_id, own in enumerate(students, start=1):
        numbered = []
        for number, each in enumerate(own, start=1):
            run += 1
            numbered.append(each._replace(id=run, user_id=user_id, number=number, run_id=run))
        if numbered:
            attempts[user_id] = numbered
    names = {number: f"Student {number}" for number in range(1, len(students) + 1)}
    graded = {user_id: [a for a in own if a.score is not None] for user_id, own in attempts.items()}
    return Work(names, attempts, {user_id: own[-1] for user_id, own in graded.items() if own})
