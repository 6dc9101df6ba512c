"""How long it takes a student to pass a test group, or everything: pure functions."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from grader.analytics.attempts import Attempt, Work


@dataclass(frozen=True)
class TimeToPass:
    """Of those who have passed: at which attempt, and how long after their first hand-in.

    `attempts` is the median with the quartiles around it; None where nobody has passed yet.
    """

    passed: int
    of: int
    attempts: tuple[float, float, float] | None
    median_s: float | None


@cache
def groups_in(passed_groups: str | None) -> frozenset[str]:
    """Return the names in a run's `passed_groups`; many runs have the same."""
    return frozenset((passed_groups or "").split())


def times_to_pass(work: Work, groups: Iterable[str]) -> dict[str, TimeToPass]:
    """Return for each group when students first passed all of its tests."""
    firsts: dict[str, list[tuple[int, float]]] = {group: [] for group in groups}
    for attempts in work.graded():
        missing = set(firsts)
        seen: str | None = None
        for place, attempt in enumerate(attempts, start=1):
            if attempt.passed_groups == seen or not missing:
                continue  # nothing new: most attempts pass what the one before did
            seen = attempt.passed_groups
            for group in missing & groups_in(seen):
                firsts[group].append((place, _since_first(attempts, attempt)))
                missing.discard(group)
    of = sum(1 for _ in work.graded())
    return {group: _summary(found, of) for group, found in firsts.items()}


def time_to_full(work: Work) -> TimeToPass:
    """Return when students first had full points."""
    firsts, of = [], 0
    for attempts in work.graded():
        of += 1
        place = next((place for place, attempt in enumerate(attempts) if attempt.is_full), None)
        if place is not None:
            firsts.append((place + 1, _since_first(attempts, attempts[place])))
    return _summary(firsts, of)


def _since_first(attempts: list[Attempt], attempt: Attempt) -> float:
    return (attempt.received_at - attempts[0].received_at).total_seconds()


def _summary(firsts: list[tuple[int, float]], of: int) -> TimeToPass:
    if not firsts:
        return TimeToPass(0, of, None, None)
    places = [place for place, _ in firsts]
    if len(places) > 1:
        low, middle, high = statistics.quantiles(places, n=4, method="inclusive")
    else:
        low = middle = high = places[0]
    return TimeToPass(
        len(firsts), of, (low, middle, high), statistics.median(seconds for _, seconds in firsts)
    )
