"""The worker's side: a thread that takes one task at a time and has it done in a process of its own."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from grader.db.database import Database
from grader.jobs.outages import outlast
from grader.settings import Settings
from grader.tasks import holding
from grader.tasks.holding import Held
from grader.tasks.kinds import KINDS
from grader.tasks.run import GRACE_S, Order

log = structlog.get_logger("grader.tasks")

POLL_S = 1.0
PAUSE_AFTER_ERROR_S = 5.0
PATIENCE_S = GRACE_S + 10.0  # for the process to end


class TaskRunner:
    """One thread of a worker, beside grading; takes no task while `may_take` says no."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        worker_id: str,
        may_take: Callable[[], bool],
    ):
        self._database = database
        self._settings = settings
        self._worker_id = worker_id
        self._may_take = may_take
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="tasks", daemon=True)

    def start(self) -> None:
        """Begin to take tasks."""
        self._thread.start()

    def stop_taking(self) -> None:
        """Take no more; the one that is under way is stopped and goes back to wait for another worker."""
        self._stopping.set()

    def is_idle(self) -> bool:
        """Whether nothing is under way any more, after `stop_taking`."""
        return not self._thread.is_alive()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                held = self._next() if self._may_take() else None
                if held is not None:
                    self._carry_out(held)
            except Exception:  # the database is away, or a bug: others see a task that was left behind
                log.exception("task_runner_failed")
                self._stopping.wait(PAUSE_AFTER_ERROR_S)
            else:
                self._stopping.wait(POLL_S)

    def _next(self) -> Held | None:
        """Take the next task; first put back what we hold without knowing it.

        That is so when its process could not be started, or when the connection broke while it was taken.
        """
        with self._database.reading() as session:
            is_left, is_waiting = holding.holds_any(session, self._worker_id), holding.is_any_waiting(session)
        if is_left:
            with self._database.writing() as session:
                log.warning("own_tasks_put_back", tasks=holding.put_back_of(session, self._worker_id))
        if not is_waiting and not is_left:
            return None
        with self._database.writing() as session:
            return holding.claim(session, self._worker_id)

    def _carry_out(self, held: Held) -> None:
        bound = log.bind(task=held.task_id, kind=held.kind.value, fence=held.fence)
        bound.info("task_started")
        code = self._outwait(held, self._start(held))
        if self._stopping.is_set():
            self._write(lambda session: holding.give_back(session, held))
        # Nothing happens if the process has written how it ended, or if the task is not ours any more.
        self._write(
            lambda session: holding.has_died(
                session, held, f"The process that did it ended with code {code}."
            )
        )
        bound.info("task_ended", code=code)

    def _start(self, held: Held) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "grader.tasks.run"],
            stdin=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has died already, which its code will tell
            pickle.dump(Order(self._settings, held.task_id, held.fence, KINDS[held.kind]), process.stdin)
            process.stdin.flush()
        return process

    def _outwait(self, held: Held, process: subprocess.Popen[bytes]) -> int:
        """Wait for the process's end, bring that about once it is not needed any more; return its code."""
        try:
            while process.poll() is None and self._is_held(held):
                if self._stopping.wait(POLL_S):
                    break
        finally:
            code = self._ended(process)
        return code

    def _ended(self, process: subprocess.Popen[bytes]) -> int:
        """Close the process's standard input, which ends it; return its code."""
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            return process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()

    def _is_held(self, held: Held) -> bool:
        try:
            with self._database.reading() as session:
                return holding.is_held(session, held)
        except sa.exc.DBAPIError as error:  # away for a moment: the next look may succeed
            log.warning("task_not_looked_at", error=str(error))
            return True

    def _write(self, act: Callable[[Session], None]) -> None:
        def write() -> None:
            with self._database.writing() as session:
                act(session)

        outlast(write)


def put_back_dropped_tasks(database: Database) -> None:
    """Let tasks whose worker is dead wait again, or fail if that has happened too often."""
    with database.reading() as session:
        if not holding.is_any_dropped(session):
            return
    with database.writing() as session:
        log.warning("tasks_put_back", tasks=holding.put_back_dropped(session))
