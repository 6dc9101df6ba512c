"""When work comes in before a deadline, hour by hour: a pure function."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.analytics.attempts import Work

HOURS = 48
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class LastHours:
    """Hand-ins in each of the last hours before the deadline, the last hour last; and those outside them."""

    by_hour: tuple[int, ...]
    earlier: int
    late: int


def last_hours(work: Work, deadline_at: datetime) -> LastHours:
    """Return how many hand-ins came in each hour before the deadline."""
    by_hour, earlier, late = [0] * HOURS, 0, 0
    for attempts in work.attempts.values():
        for attempt in attempts:
            left = deadline_at - attempt.received_at
            if left < timedelta():
                late += 1
            elif left >= HOURS * HOUR:
                earlier += 1
            else:
                by_hour[HOURS - 1 - left // HOUR] += 1
    return LastHours(tuple(by_hour), earlier, late)
