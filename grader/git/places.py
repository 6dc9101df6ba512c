"""How much of git goes on at once in one web process.

Every request of git takes a place, and there are as many threads for them beside those of the pages. Only a
few pushes are received at a time, which is the part that takes processor time; the others wait in their
places. Only so many pushes show their grading; the others end once they are handed in.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable

EACH = 8  # requests of one person at once


class Places:
    """`total` places, at most a few for one person; an eighth is kept free of those who show a grading."""

    def __init__(self, total: int):
        self.receiving = threading.BoundedSemaphore(2 * (os.cpu_count() or 1))
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
