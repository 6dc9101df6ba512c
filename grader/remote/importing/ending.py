"""How a session's process ended, as far as the trusted side can tell."""

from __future__ import annotations

import signal
from dataclasses import dataclass


@dataclass(frozen=True)
class Ending:
    """How a session's process ended and what happened around it.

    `exit_code` is negative for a signal, None if the process had to be killed by us.
    """

    cause: str | None
    text: str
    exit_code: int | None
    oom_kills: int
    pids_refused: int
    scratch_full: bool


def signal_name(exit_code: int) -> str:
    """Return the name of the signal behind a negative exit code."""
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"signal {-exit_code}"
