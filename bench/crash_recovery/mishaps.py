"""What goes wrong, when, and how often."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable

from bench.service.processes import Process


class Mishaps:
    """Lets something happen at random moments until stopped: after `mean_pause_s` on average."""

    def __init__(
        self,
        web: Process,
        worker: Process,
        restart_database: Callable[[], None] | None,
        mean_pause_s: float,
        seed: int,
    ):
        self.counted: Counter[str] = Counter()
        self._web = web
        self._worker = worker
        self._restart_database = restart_database
        self._mean_pause_s = mean_pause_s
        self._random = random.Random(seed)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let no more happen."""
        self._stopping.set()
        self._thread.join()

    def _go_on(self) -> None:
        acts: dict[str, Callable[[], None]] = {
            "worker": lambda: self._kill(self._worker),
            "web server": lambda: self._kill(self._web),
            "both": lambda: self._kill(self._worker, self._web),
        }
        if self._restart_database is not None:
            acts["database"] = self._restart_database
        while not self._stopping.wait(self._random.expovariate(1 / self._mean_pause_s)):
            name = self._random.choice(list(acts))
            acts[name]()
            self.counted[name] += 1

    def _kill(self, *processes: Process) -> None:
        for process in processes:
            process.kill()
        for process in processes:
            process.start()
