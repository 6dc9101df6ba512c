"""What every payload of a hand-in says of what it is laid over, and how the keys of `[payload]` are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from redteam.attack import Attack, AttackError


@dataclass(frozen=True)
class LaidOver:
    """The keys that all channels of hand-ins share; a channel adds its own, and checks them."""

    base: str = ""
    without: str = ""
    sample: str = ""

    @classmethod
    def of(cls, attack: Attack) -> Self:
        """Return an attack's; AttackError for an unknown key or value."""
        table = {
            key: tuple(value) if isinstance(value, list) else value for key, value in attack.payload.items()
        }
        try:
            payload = cls(**table)
            payload.check()
        except (TypeError, ValueError) as error:
            raise AttackError(f"attack {attack.name}: [payload]: {error}") from error
        return payload

    def check(self) -> None:
        """Raise ValueError for a value that the channel does not know."""

    @property
    def base_name(self) -> str:
        """What the payload is laid over."""
        return self.base or ("reference" if self.sample else "template")

    @property
    def without_name(self) -> str:
        """What it is compared with."""
        return self.without or self.base_name
