"""How alike hand-ins are: pure functions of their fingerprints.

A fingerprint that many share says little: the assignment suggests it. It weighs from 1, if nobody else
or one other has it, towards 0, if everybody has. `similarity` of two is the geometric mean of two parts: how
much of each one's own weight is in the other.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

FEW = 20  # hand-ins; what is common can't be told from fewer
USUAL_SHARE = 0.5  # less own code than this part of the median counts as this much
BINS = 20
MIN_STANDING_OUT = 0.5
STANDING_OUT_OF_FEW = 0.8
FEW_PAIRS = 30

Prints = frozenset[int]


@dataclass(frozen=True)
class Similarity:
    """Of two hand-ins, by their numbers: `value` and the parts of it, each 0 to 1."""

    first: int
    second: int
    value: float
    of_first: float
    of_second: float


class Measure:
    """What a set of hand-ins, without what the template holds, makes of any two of them."""

    def __init__(self, prints: Sequence[Prints]):
        self._prints = prints
        self._counts = Counter(each for some in prints for each in some)
        self._number = max(len(prints), FEW)
        self._own = [self.weight(some) for some in prints]
        self._usual = statistics.median(self._own) * USUAL_SHARE if self._own else 0.0

    def weight(self, prints: Collection[int]) -> float:
        """Return what these fingerprints weigh together."""
        return math.fsum(self._weight_of(self._counts[each]) for each in prints)

    def compare(self, first: int, second: int) -> Similarity:
        """Compare two hand-ins."""
        shared = self.weight(self._prints[first] & self._prints[second])
        of_first, of_second = (
            shared / own if (own := max(self._own[each], self._usual)) else 0.0 for each in (first, second)
        )
        return Similarity(first, second, math.sqrt(of_first * of_second), of_first, of_second)

    def _weight_of(self, count: int) -> float:
        if count < 2:
            return 1.0
        return math.log((self._number + 1) / count) / math.log((self._number + 1) / 2)


def pairs(
    measure: Measure, owners: Sequence[int], number_here: int, may_go_on: Callable[[int], bool]
) -> Iterator[Similarity]:
    """Yield all pairs of different owners of which the first is one of the first `number_here` hand-ins.

    `may_go_on` is asked for each of those, with its number; False ends it.
    """
    for first in range(number_here):
        if not may_go_on(first):
            return
        for second in range(first + 1, len(owners)):
            if owners[first] != owners[second]:
                yield measure.compare(first, second)


def histogram(values: Sequence[float]) -> list[int]:
    """Return how many values lie in each of BINS equal parts of 0 to 1."""
    counts = [0] * BINS
    for value in values:
        counts[min(int(value * BINS), BINS - 1)] += 1
    return counts


def standing_out(values: Sequence[float]) -> float:
    """Return from where on a pair stands out from these: far outside the middle half of them all.

    That is Tukey's outer fence, three times the height of the middle half above it, at a bar's edge.
    """
    if len(values) < FEW_PAIRS:
        return STANDING_OUT_OF_FEW
    low, _, high = statistics.quantiles(values, n=4)
    fence = max(high + 3 * (high - low), MIN_STANDING_OUT)
    return min(math.ceil(fence * BINS), BINS - 1) / BINS


def groups(linked: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the groups of three or more that these pairs link, each sorted, the largest first."""
    parents: dict[int, int] = {}

    def root(each: int) -> int:
        while parents.setdefault(each, each) != each:
            each = parents[each]
        return each

    for first, second in linked:
        parents[root(first)] = root(second)
    members: Mapping[int, list[int]] = {root(each): [] for each in parents}
    for each in sorted(parents):
        members[root(each)].append(each)
    return sorted((some for some in members.values() if len(some) > 2), key=lambda some: (-len(some), some))
