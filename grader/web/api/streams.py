"""How many streams of events are open: each holds a thread of the web server, so there is an end to them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from grader.web.api.problems import Problem

LOOK_AGAIN_S = 2


@dataclass(frozen=True)
class Pace:
    """How often a stream looks into the database, says that it lives, and how long it lasts; in seconds."""

    look_s: float = 0.1
    queue_look_s: float = 1.0
    heartbeat_s: float = 5.0
    life_s: float = 55.0


class Streams:
    """The streams that this process has open: `total` at once, `each` of them of one person."""

    def __init__(self, total: int, each: int = 3, pace: Pace | None = None):
        self.pace = pace or Pace()
        self._total = total
        self._each = each
        self._open: Counter[int] = Counter()
        self._lock = threading.Lock()

    def open(self, user_id: int) -> Callable[[], None]:
        """Take a place for this person; return what gives it back, once. Problem if there is none."""
        retry = {"Retry-After": str(LOOK_AGAIN_S)}
        with self._lock:
            if self._open[user_id] >= self._each:
                raise Problem("too-many-streams", headers=retry)
            if self._open.total() >= self._total:
                raise Problem("streams-exhausted", headers=retry)
            self._open[user_id] += 1
        is_open = threading.Lock()

        def close() -> None:
            if is_open.acquire(blocking=False):
                with self._lock:
                    self._open[user_id] -= 1

        return close
