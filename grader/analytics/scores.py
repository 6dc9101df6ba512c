"""How scores and numbers of attempts are spread: pure functions."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.analytics.attempts import Attempt, Work

STEPS = 10
WIDEST = 20  # as many bars as can be told apart
MOST_LABELLED = 12


@dataclass(frozen=True)
class Bin:
    """How many fall into one class; `name` says which, `label` says it below its bar, if at all."""

    name: str
    count: int
    label: str


@dataclass(frozen=True)
class Overview:
    """The unit in a few numbers. `median_share` is of full points, 0 to 1."""

    students: int
    handed_in: int
    full: int
    attempts: int
    median_share: float | None
    median_attempts: float | None


def overview(work: Work, chosen: Sequence[Attempt]) -> Overview:
    """Return how many have handed in, how many are done, and what is usual."""
    return Overview(
        len(work.names),
        len(work.attempts),
        sum(attempt.is_full for attempt in chosen),
        sum(map(len, work.attempts.values())),
        statistics.median(attempt.share for attempt in chosen) if chosen else None,
        statistics.median(map(len, work.attempts.values())) if work.attempts else None,
    )


def score_bins(attempts: Iterable[Attempt]) -> list[Bin]:
    """Return the graded attempts by tenths of full points, and those with full points by themselves."""
    counts = Counter(
        STEPS if attempt.is_full else min(STEPS - 1, int(attempt.share * STEPS + 1e-9))
        for attempt in attempts
        if attempt.score is not None
    )
    names = [f"{100 * step // STEPS}–{100 * (step + 1) // STEPS} %" for step in range(STEPS)]
    labels = [str(100 * step // STEPS) for step in range(STEPS)]
    return [
        Bin(name, counts[step], label)
        for step, (name, label) in enumerate(zip([*names, "full"], [*labels, "full"], strict=True))
    ]


def attempt_bins(work: Work) -> list[Bin]:
    """Return the students by how often they have handed in, from 0; in wider classes where many did often."""
    often = [len(work.attempts.get(user_id, ())) for user_id in work.names]
    most = max(often, default=0)
    width = max(1, -(-most // WIDEST))
    counts = Counter(-(-number // width) for number in often)
    steps = range(-(-most // width) + 1)
    labelled_each = -(-len(steps) // MOST_LABELLED)
    bins = []
    for step in steps:
        name = f"{(step - 1) * width + 1}–{step * width}" if step and width > 1 else str(step * width)
        bins.append(Bin(name, counts[step], "" if step % labelled_each else name))
    return bins
