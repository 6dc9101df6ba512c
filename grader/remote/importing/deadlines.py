"""How long a session may take: computing, waiting, and sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

# Whoever uses less CPU than this in so long a wait is asleep: a process that computes gets
# more on the busiest host.
ASLEEP_S = 8.0
ASLEEP_CPU_S = 0.02


@dataclass(frozen=True)
class SessionLimits:
    """What one session may use; `cpu_s` counts the whole sandbox while the session runs."""

    cpu_s: float
    wall_s: float
    output_bytes: int


class Deadlines:
    """Watches one session's clocks.

    Arguments: `cpu_clock_s`, which reads the sandbox's CPU time; `cpu_start_s`, its value when
    the session began.
    """

    def __init__(self, limits: SessionLimits, cpu_clock_s: Callable[[], float], cpu_start_s: float):
        self._limits = limits
        self._cpu_clock_s = cpu_clock_s
        self._cpu_start_s = cpu_start_s
        self._wall_end_s = time.monotonic() + limits.wall_s
        self._awake_s = time.monotonic()
        self._awake_cpu_s = cpu_start_s

    def asked(self) -> None:
        """Note that the session was given something to do: until now it had reason to wait."""
        self._awake_s = time.monotonic()

    def wall_left_s(self) -> float:
        """Return the seconds until the wall clock's deadline."""
        return self._wall_end_s - time.monotonic()

    def passed(self) -> str:
        """Return which deadline has passed, in words, or "" while none has."""
        cpu_s = self._cpu_clock_s()
        if self.wall_left_s() < 0 or cpu_s - self._cpu_start_s > self._limits.cpu_s:
            return self.text()
        if cpu_s - self._awake_cpu_s > ASLEEP_CPU_S:
            self._awake_s, self._awake_cpu_s = time.monotonic(), cpu_s
        elif time.monotonic() - self._awake_s > ASLEEP_S:
            return f"asleep for {ASLEEP_S:g} s"
        return ""

    def text(self) -> str:
        """Return the limits on computing and waiting, as what a session that met them did."""
        limits = self._limits
        return f"still running after {limits.cpu_s:g} s of computing or {limits.wall_s:g} s of waiting"
