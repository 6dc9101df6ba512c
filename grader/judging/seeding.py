"""Random numbers of a run: every draw follows from the run's seed, and none of them can be guessed.

The student's random numbers come from another stream than the test's: with the same one, the
student's code could draw ahead what the test is going to ask.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
from collections.abc import Callable, Iterator

import numpy
import torch


def derive_seed(seed: int, *purposes: object) -> int:
    """Return a seed of 63 bits for one purpose of a run, independent of those for other purposes."""
    digest = hashlib.sha256(repr((seed, *map(str, purposes))).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def seed_trusted_side(seed: int) -> None:
    """Seed every generator that a test may draw from."""
    torch.manual_seed(seed)
    random.seed(seed)
    numpy.random.seed(seed % 2**32)


@contextlib.contextmanager
def seeding_reported(report: Callable[[int], None]) -> Iterator[None]:
    """Tell `report` whenever a test calls torch.manual_seed, so that the student's side can follow."""
    original = torch.manual_seed

    def manual_seed(seed: int) -> torch.Generator:
        report(seed)
        return original(seed)

    torch.manual_seed = manual_seed
    try:
        yield
    finally:
        torch.manual_seed = original
