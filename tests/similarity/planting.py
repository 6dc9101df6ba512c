"""Sets of 60 hand-ins: 48 by hands that never met, and 12 that are one of them in disguise."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from grader.similarity.check import HandIn, without_template
from grader.similarity.choosing import Chosen
from grader.similarity.engine import Engine
from tests.similarity.disguises import DISGUISES
from tests.similarity.honest import honest_submissions, template_files

HONEST = 48
PLANTED = 12

Files = dict[str, str]


@dataclass(frozen=True)
class PlantedSet:
    """Hand-ins, and which two of them are the original and its copy."""

    files: Sequence[Files]
    planted: frozenset[tuple[int, int]]


def planted_set(disguise: str, seed: int) -> PlantedSet:
    """Return the honest ones, and after them the copies; the same for the same seed."""
    honest = honest_submissions(HONEST, seed)
    rng = random.Random(f"{seed}:{disguise}")
    originals = rng.sample(range(HONEST), PLANTED)
    copies = [DISGUISES[disguise](honest[original], rng) for original in originals]
    pairs = frozenset((original, HONEST + number) for number, original in enumerate(originals))
    return PlantedSet([*honest, *copies], pairs)


def as_hand_ins(many: Sequence[Files]) -> list[HandIn]:
    """Return them as the check reads them, each of another student."""
    template = template_files()
    with Engine(template) as engine:
        given = frozenset().union(*(part.fingerprints for part in engine.parts(template) or ()))
        read = [engine.parts(files) for files in many]
    assert all(parts is not None for parts in read)
    return [
        HandIn(Chosen(number, number, 1), without_template(parts or [], given))
        for number, parts in enumerate(read, start=1)
    ]
