"""Live progress: the judge's events as rows, while the run goes on.

Events come faster than rows should be written, so they are collected: the first is written at once, what
comes within the next PAUSE_S in one go after it. Writing goes on in a thread of its own; a slow database
delays what people see and never the run. The same thread learns if the run is no longer ours: because it was
cancelled, or another worker has taken it over.
"""

from __future__ import annotations

import dataclasses
import queue
import threading
from types import TracebackType
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import GradingRun, RunEvent, RunState
from grader.jobs.claiming import Claim
from grader.judging.events import EpochFinished, Event, PhaseFinished, PhaseStarted, TestFinished

log = structlog.get_logger("grader.jobs")

PAUSE_S = 0.1
CHECK_S = 0.5  # so often at least: is the run still ours?
KINDS: dict[type[Event], str] = {
    PhaseStarted: "phase",
    TestFinished: "test",
    EpochFinished: "epoch",
    PhaseFinished: "phase_end",
}


class Progress:
    """Writes down a claimed run's events; use as a context manager around its grading."""

    def __init__(self, database: Database, claimed: Claim):
        self._database = database
        self._claim = claimed
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._number = 0
        self._over = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(
            target=self._write_all, name=f"progress-{claimed.run_id}", daemon=True
        )

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._events.put(None)
        self._thread.join()

    def on_event(self, event: Event) -> None:
        """Take one event."""
        self._events.put(event)

    def is_lost(self) -> bool:
        """Whether the run is not ours any more, so that nobody needs its result; known within a second."""
        return self._lost.is_set()

    def _write_all(self) -> None:
        waiting: list[Event] = []
        is_last = False
        while not is_last and not self._lost.is_set():
            new, is_last = self._collect(CHECK_S)
            waiting += new
            try:
                if not (self._write(waiting) if waiting else self._is_ours()):
                    self._lost.set()
                waiting = []
            except sa.exc.SQLAlchemyError as error:  # it is for show: the run must not suffer
                log.warning("progress_not_written", run=self._claim.run_id, error=str(error))
            self._over.wait(PAUSE_S)

    def _collect(self, timeout_s: float) -> tuple[list[Event], bool]:
        """Return the events that have come, after waiting a while for the first, and whether that was all."""
        found: list[Event] = []
        try:
            item = self._events.get(timeout=timeout_s)
            while item is not None:
                found.append(item)
                item = self._events.get_nowait()
            return found, True
        except queue.Empty:
            return found, False

    def _write(self, events: list[Event]) -> bool:
        """Write the events down; False if the run is not ours any more."""
        first = self._number + 1
        self._number += len(events)  # even if it fails: with its answer lost, it may have been written
        with self._database.writing() as session:
            # Locked, so that whoever ends the run or takes it over clears away what is written here.
            run = self._run_if_ours(session, with_for_update={"key_share": True})
            if run is None:
                return False
            for number, event in enumerate(events, first):
                session.add(
                    RunEvent(
                        run_id=run.id,
                        fence=run.fence,
                        number=number,
                        kind=KINDS[type(event)],
                        data=_data(event),
                    )
                )
            if run.first_result_at is None and any(isinstance(event, TestFinished) for event in events):
                run.first_result_at = now()
        return True

    def _is_ours(self) -> bool:
        with self._database.reading() as session:
            return self._run_if_ours(session) is not None

    def _run_if_ours(self, session: Session, **options: Any) -> GradingRun | None:
        run = session.get_one(GradingRun, self._claim.run_id, **options)
        return run if run.state is RunState.RUNNING and run.fence == self._claim.fence else None


def _data(event: Event) -> dict[str, Any]:
    return dataclasses.asdict(event)
