"""How much of git goes on at once in one web process.

Every request of git takes a place, and there are as many threads for them beside those of the pages. Only a
few pushes are received at a time, one of each person, which is the part that takes processor time; the others
wait in their places for their turns. Only so many pushes show their grading; the others end once they are
handed in.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable

EACH = 8  # requests of one person at once


class Turns:
    """`total` turns, one at a time for each person."""

    def __init__(self, total: int):
        self._total = total
        self._taken: set[int] = set()
        self._changed = threading.Condition()

    def take(self, user_id: int, timeout_s: float) -> bool:
        """Take this person's turn, waiting for it; whether it came in time."""
        with self._changed:
            came = self._changed.wait_for(
                lambda: len(self._taken) < self._total and user_id not in self._taken, timeout_s
            )
            if came:
                self._taken.add(user_id)
            return came

    def give_back(self, user_id: int) -> None:
        """End this person's turn."""
        with self._changed:
            self._taken.remove(user_id)
            self._changed.notify_all()


class Places:
    """`total` places, at most a few for one person; an eighth is kept free of those who show a grading."""

    def __init__(self, total: int):
        self.receiving = Turns(2 * (os.cpu_count() or 1))
        self.showing = threading.BoundedSemaphore(max(1, total * 7 // 8))
        self._total = total
        self._taken: Counter[int] = Counter()
        self._lock = threading.Lock()

    def take(self, user_id: int) -> Callable[[], None] | None:
        """Take a place for this person; return what gives it back, once, or None if there is none."""
        with self._lock:
            if self._taken.total() >= self._total or self._taken[user_id] >= EACH:
                return None
            self._taken[user_id] += 1
        is_taken = threading.Lock()

        def give_back() -> None:
            if is_taken.acquire(blocking=False):
                with self._lock:
                    self._taken[user_id] -= 1

        return give_back
