"""The parts that two hand-ins share, wherever they stand: greedy string tiling over their statements.

The longest run of equal statements is a block; then the longest of what is left, and so on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.similarity.engine import Part

MAX_PARTS = 1_500
MAX_PLACES = 20  # of one statement's equals
MAX_BLOCKS = 60
MIN_CHARS = 30  # of a block's statements together; less says nothing by itself


@dataclass(frozen=True)
class Place:
    """Lines `first` to `last` of a file, from 1."""

    path: str
    first: int
    last: int


@dataclass(frozen=True)
class Block:
    """What stands at two places; `others` is how many more hand-ins have all of its statements' rarest."""

    first: Place
    second: Place
    statements: int
    others: int

    def to_json(self) -> dict[str, Any]:
        """Return it as `block_from_json` reads it."""
        first, second = ([each.path, each.first, each.last] for each in (self.first, self.second))
        return {"first": first, "second": second, "statements": self.statements, "others": self.others}


def block_from_json(data: Mapping[str, Any]) -> Block:
    """Return the block that was written so."""
    return Block(Place(*data["first"]), Place(*data["second"]), data["statements"], data["others"])


def blocks(first: Sequence[Part], second: Sequence[Part], counts: Mapping[str, int]) -> list[Block]:
    """Return the blocks in the order of the first hand-in; `counts` says how many hand-ins have a form."""
    first, second = first[:MAX_PARTS], second[:MAX_PARTS]
    taken_first, taken_second = [False] * len(first), [False] * len(second)
    places = _places(second)
    found: list[tuple[int, Block]] = []
    for _ in range(MAX_BLOCKS):
        length, at, to = max(
            _runs(first, second, places, taken_first, taken_second), default=(0, 0, 0), key=_longest
        )
        if length == 0:
            break
        taken_first[at : at + length] = [True] * length
        taken_second[to : to + length] = [True] * length
        run = first[at : at + length]
        if sum(len(part.form) for part in run) >= MIN_CHARS:
            others = min(counts[part.form] for part in run) - 2
            block = Block(_place(run), _place(second[to : to + length]), length, max(others, 0))
            found.append((at, block))
    return [block for _, block in sorted(found, key=lambda each: each[0])]


def _places(parts: Sequence[Part]) -> Mapping[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for number, part in enumerate(parts):
        if len(places[part.form]) < MAX_PLACES:
            places[part.form].append(number)
    return places


def _longest(run: tuple[int, int, int]) -> tuple[int, int, int]:
    length, at, to = run
    return length, -at, -to


def _runs(
    first: Sequence[Part],
    second: Sequence[Part],
    places: Mapping[str, list[int]],
    taken_first: Sequence[bool],
    taken_second: Sequence[bool],
) -> Iterator[tuple[int, int, int]]:
    """Yield (length, start, start) of runs within one file each, of what is not taken yet."""
    for at, part in enumerate(first):
        if taken_first[at]:
            continue
        for to in places.get(part.form, ()):
            length = 0
            while (
                at + length < len(first)
                and to + length < len(second)
                and not taken_first[at + length]
                and not taken_second[to + length]
                and first[at + length].form == second[to + length].form
                and first[at + length].path == part.path
                and second[to + length].path == second[to].path
            ):
                length += 1
            if length:
                yield length, at, to


def _place(run: Sequence[Part]) -> Place:
    return Place(run[0].path, run[0].first, max(part.last for part in run))
