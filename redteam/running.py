"""Runs attacks one after the other, on the plain harness and here, and never stops at a failure."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from grader.setting_values import SANDBOXES
from redteam.attack import Attack
from redteam.channels import Channels
from redteam.observation import Fired, Held, NotRun

WITHOUT_SANDBOX = ("archive", "git", "web", "service", "asking")  # no sandbox takes part
HERE = "here"  # their place

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Skipped:
    """Not run on this machine, and why."""

    reason: str


@dataclass(frozen=True)
class Broken:
    """The red team itself failed: neither fired nor held."""

    error: str


@dataclass(frozen=True)
class Row:
    """What came of one attack: on the plain harness, and here by sandbox."""

    attack: Attack
    plain: Fired | Skipped | Broken
    here: dict[str, Held | Skipped | Broken]

    @property
    def fired(self) -> bool:
        """Whether the attack was shown to work where nothing stops it."""
        return isinstance(self.plain, Fired) and self.plain.fired

    @property
    def contained(self) -> bool:
        """Whether it achieved nothing here, wherever it was run."""
        return all(
            isinstance(seen, Skipped) or (isinstance(seen, Held) and seen.contained)
            for seen in self.here.values()
        )

    @property
    def good(self) -> bool:
        """Whether nothing is to be mended: it is contained, and its control fired or could not be run."""
        return self.contained and (self.fired or isinstance(self.plain, Skipped))

    def not_run(self) -> Iterator[tuple[str, str]]:
        """Yield where it was not run, and why."""
        for place, seen in {"plain harness": self.plain, **self.here}.items():
            if isinstance(seen, Skipped):
                yield place, seen.reason


def run(attacks: Sequence[Attack], sandboxes: Sequence[str]) -> Iterator[Row]:
    """Run each attack on the plain harness and in each of the sandboxes."""
    with Channels() as channels:
        for attack in attacks:
            yield run_one(attack, sandboxes, channels)


def run_one(attack: Attack, sandboxes: Sequence[str], channels: Channels) -> Row:
    """Run one attack everywhere."""
    places = [HERE] if attack.channel in WITHOUT_SANDBOX else sandboxes
    plain = _seen(lambda: channels.named(attack.channel).plain(attack))
    here = {
        place: _seen(partial(lambda place: channels.named(attack.channel).grade(attack, place), place))
        for place in places
    }
    return Row(attack, plain, here)


def not_run(attack: Attack) -> Row:
    """Return the row of an attack that was not reached."""
    reason = Skipped("not reached yet")
    places = [HERE] if attack.channel in WITHOUT_SANDBOX else SANDBOXES
    return Row(attack, reason, dict.fromkeys(places, reason))


def _seen(look: Callable[[], Seen]) -> Seen | Skipped | Broken:
    try:
        return look()
    except NotRun as error:
        return Skipped(str(error))
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return Broken(f"{type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno})")
