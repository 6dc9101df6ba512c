"""Doing what goes out to other machines: webhooks, fetches of pushed commits, statuses of commits.

A few threads of every worker, apart from grading: whoever waits for a slow machine delays no grading. Taking
is by lease (grader.outbound.errands), so a courier that dies on the way loses nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from grader.db.database import Database
from grader.jobs.queue import JobQueue
from grader.outbound.client import outbound_of
from grader.outbound.errands import Take
from grader.pushes.handing_in import HandingIn
from grader.pushes.reporting import Reporting
from grader.sealing import sealer_of
from grader.settings import Settings
from grader.webhooks.delivering import Delivering

log = structlog.get_logger("grader.jobs")

COURIERS = 3
POLL_S = 0.5
PAUSE_AFTER_ERROR_S = 5.0
PATIENCE_S = 20.0  # for what is on its way when the worker ends; others do the rest again


class Couriers:
    """Threads that do one errand after the other until told to stop."""

    def __init__(self, errands: Sequence[Take]):
        self._errands = deque(errands)
        self._asking = threading.Lock()  # one asks at a time
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._serve, name=f"courier-{number}", daemon=True)
            for number in range(COURIERS)
        ]

    def start(self) -> None:
        """Begin to take errands."""
        for thread in self._threads:
            thread.start()

    def stop_taking(self) -> None:
        """Take no more; what is on its way goes on, for `PATIENCE_S` at the most if the worker is to end."""
        self._stopping.set()

    def is_idle(self) -> bool:
        """Whether nothing is on its way any more, after `stop_taking`."""
        return not any(thread.is_alive() for thread in self._threads)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._asking:
                    act = self._next()
                if act is not None:
                    act()
            except Exception:  # the database is away, or a bug: the lease runs out, and it comes round again
                log.exception("errand_failed")
                self._stopping.wait(PAUSE_AFTER_ERROR_S)

    def _next(self) -> Callable[[], None] | None:
        """Wait for an errand and take it; None when told to stop.

        Each look begins with another kind, so that much of one kind does not keep the others waiting.
        """
        while not self._stopping.is_set():
            self._errands.rotate(-1)
            for take in tuple(self._errands):
                act = take()
                if act is not None:
                    return act
            self._stopping.wait(POLL_S)
        return None


def couriers_of(settings: Settings, database: Database, queue: JobQueue) -> Couriers:
    """Return the couriers of a worker of this installation."""
    outbound, sealer = outbound_of(settings), sealer_of(settings)
    return Couriers(
        (
            HandingIn(database, queue, outbound, sealer, settings).take,
            Reporting(database, outbound, sealer, settings).take,
            Delivering(database, outbound, sealer, settings.public_url).take,
        )
    )
