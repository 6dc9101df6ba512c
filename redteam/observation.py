"""What was seen of an attack, and what every channel offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from redteam.attack import Attack


@dataclass(frozen=True)
class Fired:
    """What an attack achieved on the plain harness."""

    fired: bool
    seen: str  # a few words for the table, with the figure: "14 of 14 tests passed; without it 0"


@dataclass(frozen=True)
class Held:
    """What an attack achieved here."""

    seen: str  # "score 0 of 85", "refused: unsafe-path"
    # Each thing that it did and may not do; none: contained. What an assertion found begins with its name:
    # "a0: 30 unearned points for test_tanh".
    breaches: tuple[str, ...] = ()

    @property
    def contained(self) -> bool:
        return not self.breaches


class NotRun(Exception):
    """This machine can't run an attack; the text is the reason that the table gives."""


class Channel(Protocol):
    """Runs the attacks of one channel, many of them, one after the other."""

    def plain(self, attack: Attack) -> Fired:
        """Run the attack on the plain harness; NotRun if this machine can't."""

    def grade(self, attack: Attack, sandbox: str) -> Held:
        """Run the attack on this grader in the sandbox named (`docker`, `bubblewrap`) and check it all.

        Raises NotRun if this machine can't. Channels that need no sandbox ignore `sandbox`.
        """
