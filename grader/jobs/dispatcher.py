"""Slots: each takes one job after the other from the queues.

DBOS's own queue threads are left off. They count what a worker may do at once per queue, from a number
that is the same for all workers, while our slots are a worker's own and shared by both queues; and one
slot asking after the other keeps the order: regrades only when nothing else waits. This file and
`reconciliation` are the only ones that reach below DBOS's documented interface: to take one job from a queue,
to run it, and to put it back. `dbos` is pinned exactly, and tests/jobs holds it to what we rely on.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import sqlalchemy as sa
import structlog
from dbos import DBOS
from dbos._core import execute_dequeued_workflow
from dbos._queue import Queue

from grader.db.database import Database
from grader.db.models import GradingRun, RunState
from grader.jobs.engine import QUEUES, VERSION
from grader.jobs.execution import Execution

log = structlog.get_logger("grader.jobs")

POLL_S = 0.05
PAUSE_AFTER_ERROR_S = 0.5
ANYTHING_UNFINISHED = sa.select(sa.exists().where(GradingRun.state.in_((RunState.QUEUED, RunState.RUNNING))))


class Dispatcher:
    """Runs `slots` threads that take jobs until told to stop, and none while `may_take` says no."""

    def __init__(
        self,
        engine: DBOS,
        database: Database,
        execution: Execution,
        worker_id: str,
        slots: int,
        may_take: Callable[[], bool],
    ):
        self._engine = engine
        self._database = database
        self._execution = execution
        self._worker_id = worker_id
        self._may_take = may_take
        self._queues: list[Queue] = []
        self._slot_of_job: dict[str, int] = {}
        self._asking = threading.Lock()  # one slot asks at a time, the others are busy or wait for their turn
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._serve, args=(slot,), name=f"slot-{slot}", daemon=True)
            for slot in range(slots)
        ]

    def start(self) -> None:
        """Begin to take jobs; the engine has been launched."""
        for name in QUEUES:
            self._queues.append(DBOS.register_queue(name, worker_concurrency=1, polling_interval_sec=POLL_S))
        for thread in self._threads:
            thread.start()

    def stop_taking(self) -> None:
        """Take no more jobs; those that run go on."""
        self._stopping.set()

    def is_idle(self) -> bool:
        """Whether the last job is over, after `stop_taking`."""
        return not any(thread.is_alive() for thread in self._threads)

    def running(self) -> list[str]:
        """Return the jobs that are being carried out."""
        return list(self._slot_of_job)

    def run_job(self, run_id: int, tries: int) -> str:
        """Carry out the job that the engine calls this for, in the slot that took it."""
        job = DBOS.workflow_id
        assert job is not None
        return self._execution.run(self._slot_of_job[job], run_id, tries)

    def _serve(self, slot: int) -> None:
        while not self._stopping.is_set():
            with self._asking:
                job = self._next_job()
            if job is not None:
                self._run(slot, *job)

    def _next_job(self) -> tuple[str, str] | None:
        """Wait for a job and take it: its name and the token of our taking; None when told to stop."""
        while not self._stopping.is_set():
            try:
                for queue in self._queues if self._may_take() and self._is_anything_unfinished() else ():
                    token = str(uuid.uuid4())
                    taken, _ = self._engine._sys_db.start_queued_workflows(
                        queue, self._worker_id, VERSION, None, owner_xid=token, is_latest_version=True
                    )
                    if taken:
                        return taken[0], token
            except Exception as error:
                log.warning("queue_not_read", error=str(error))
                self._stopping.wait(PAUSE_AFTER_ERROR_S)
            self._stopping.wait(POLL_S)
        return None

    def _is_anything_unfinished(self) -> bool:
        """Whether there is a run that waits or runs; an idle worker asks this alone, which costs little."""
        with self._database.reading() as session:
            return bool(session.scalar(ANYTHING_UNFINISHED))

    def _run(self, slot: int, job: str, token: str) -> None:
        self._slot_of_job[job] = slot
        try:
            status = self._engine._sys_db.get_workflow_status(job)
            if status is not None:  # someone may have deleted it
                execute_dequeued_workflow(self._engine, status, token).get_result()
        except BaseException:  # DBOS's own are no Exceptions, and a slot must outlive them all
            log.exception("job_failed", job=job)
        finally:
            self._slot_of_job.pop(job, None)  # gone if the job was put back and taken by another slot
