"""What an attack on the timed MNIST run hands in, and how it is run.

Keys of `[payload]`, besides `base`, `without` and `sample`, which are as in `redteam/hand_in.py`:

    knows = ["weights"]      what the hand-in brings from home: names of `redteam/knowledge.py`
    affects = ["time"]       which of "accuracy" and "time" the attack is about; default: both
    at_most = 0.2            more of the test images it may not read
    runs = 2                 how many times it is run, in a row; the plain harness judges the last
    full = true              here with all images and epochs, as students are graded; default: a small part
"""

from __future__ import annotations

from dataclasses import dataclass

from redteam import knowledge
from redteam.laid_over import LaidOver

POINTS = {"accuracy": "mnist::accuracy", "time": "mnist::time"}


@dataclass(frozen=True)
class Payload(LaidOver):
    """The keys of `[payload]`, checked."""

    knows: tuple[str, ...] = ()
    affects: tuple[str, ...] = ("accuracy", "time")
    at_most: float = 1.0
    runs: int = 1
    full: bool = False

    def check(self) -> None:
        """See `LaidOver.check`."""
        if not {*self.knows} <= knowledge.MADE.keys() or not {*self.affects} <= POINTS.keys():
            raise ValueError("knows or affects is unknown")
        if not 1 <= self.runs <= 4:
            raise ValueError("runs is out of range")
