"""Whether a course takes a hand-in now: pure functions of the unit's dates, its attempts and the moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from grader.errors import RefusedError


@dataclass(frozen=True)
class Terms:
    """When a unit takes hand-ins, and how many; None means from the start, without end, any number.

    After `deadline_at` hand-ins are taken until `late_until_at` and marked late; None: not at all.
    """

    opens_at: datetime | None = None
    deadline_at: datetime | None = None
    late_until_at: datetime | None = None
    max_attempts: int | None = None

    def is_late(self, at: datetime) -> bool:
        """Whether the moment lies after the deadline."""
        return self.deadline_at is not None and at > self.deadline_at

    def closes_at(self) -> datetime | None:
        """The last moment at which a hand-in is taken; None: there is none."""
        if self.deadline_at is None or self.late_until_at is None:
            return self.deadline_at
        return max(self.deadline_at, self.late_until_at)

    def attempts_left(self, used: int) -> int | None:
        """Attempts left after so many used ones; None: any number."""
        return None if self.max_attempts is None else max(0, self.max_attempts - used)


def refusal(terms: Terms, attempts_used: int, at: datetime) -> RefusedError | None:
    """Return why a hand-in at this moment is not taken; None if it is."""
    closes_at = terms.closes_at()
    if terms.opens_at is not None and at < terms.opens_at:
        return RefusedError("not-open-yet", f"This unit takes hand-ins from {_moment(terms.opens_at)} on.")
    if closes_at is not None and at > closes_at:
        return RefusedError(
            "closed",
            f"This unit took hand-ins until {_moment(closes_at)}. Ask the staff if you need more time.",
        )
    if terms.attempts_left(attempts_used) == 0:
        return RefusedError(
            "no-attempts-left",
            f"All {terms.max_attempts} attempts are used. Nothing was handed in; your earlier work stands.",
        )
    return None


def _moment(at: datetime) -> str:
    return f"{at:%d %B %Y, %H:%M} UTC"
