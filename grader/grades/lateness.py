"""What a late hand-in loses: a pure function of the unit's policy, the deadline and the moment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY_S = 86_400


@dataclass(frozen=True)
class LatePolicy:
    """Percent of the score per day begun, at most `percent_cap`; nothing within `grace_s` of the deadline."""

    percent_per_day: float = 0.0
    percent_cap: float = 100.0
    grace_s: int = 0


def days_late(policy: LatePolicy, deadline_at: datetime | None, received_at: datetime) -> int:
    """Return the days begun after the deadline; 0 up to the end of the grace period.

    Once that is over, the days count from the deadline itself.
    """
    if deadline_at is None or received_at - deadline_at <= timedelta(seconds=policy.grace_s):
        return 0
    return math.ceil((received_at - deadline_at).total_seconds() / DAY_S)


def deduction(policy: LatePolicy, days: int) -> float:
    """Return the fraction (0 to 1) of its score that a hand-in this many days late loses."""
    return min(policy.percent_per_day * days, policy.percent_cap, 100.0) / 100.0
