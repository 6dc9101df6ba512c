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
from redteam.attack import Attack, AttackError

POINTS = {"accuracy": "mnist::accuracy", "time": "mnist::time"}


@dataclass(frozen=True)
class Payload:
    """The keys of `[payload]`, checked."""

    base: str = ""
    without: str = ""
    sample: str = ""
    knows: tuple[str, ...] = ()
    affects: tuple[str, ...] = ("accuracy", "time")
    at_most: float = 1.0
    runs: int = 1
    full: bool = False

    @classmethod
    def of(cls, attack: Attack) -> Payload:
        """Return an attack's; AttackError for an unknown key or value."""
        table = {
            key: tuple(value) if isinstance(value, list) else value for key, value in attack.payload.items()
        }
        try:
            payload = cls(**table)
        except TypeError as error:
            raise AttackError(f"attack {attack.name}: [payload]: {error}") from error
        if not {*payload.knows} <= knowledge.MADE.keys() or not {*payload.affects} <= POINTS.keys():
            raise AttackError(f"attack {attack.name}: [payload]: knows or affects is unknown")
        if not 1 <= payload.runs <= 4:
            raise AttackError(f"attack {attack.name}: [payload]: runs is out of range")
        return payload

    @property
    def base_name(self) -> str:
        """What the payload is laid over."""
        return self.base or ("reference" if self.sample else "template")

    @property
    def without_name(self) -> str:
        """What it is compared with."""
        return self.without or self.base_name
