"""The process that does a task's work: `python -m grader.tasks.run`, started by `runner`.

It reads an Order from standard input and works until it is done or standard input ends. It is its
own process group's leader, and takes the group with it if it can't end in time.
"""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grader.db.database import Database, open_database
from grader.db.models import Task
from grader.errors import GraderError, StoppedError
from grader.jobs.outages import outlast
from grader.settings import Settings
from grader.tasks import holding

NICENESS = 10  # of 19: grading goes before
GRACE_S = 10.0  # to end in, once standard input has
PROGRESS_S = 1.0  # progress is written so often at the most
THREADS = 4


@dataclass(frozen=True)
class Order:
    """What is to be done: the task, under this fence, by `function` as "module:name"."""

    settings: Settings
    task_id: int
    fence: int
    function: str


class Progress:
    """Writes a task's progress, at most once in PROGRESS_S; may be called from any thread.

    It is for show: if it can't be written, the work goes on.
    """

    def __init__(self, database: Database, order: Order):
        self._database = database
        self._order = order
        self._lock = threading.Lock()
        self._written_s = 0.0

    def __call__(self, progress: dict[str, Any]) -> None:
        """Write it, unless the last was written just now."""
        with self._lock:
            if time.monotonic() < self._written_s + PROGRESS_S:
                return
            self._written_s = time.monotonic()
            try:
                with self._database.writing() as session:
                    holding.write_progress(session, self._order.task_id, self._order.fence, progress)
            except sa.exc.SQLAlchemyError:
                traceback.print_exc()


def carry_out(order: Order, should_stop: Callable[[], bool]) -> None:
    """Do the work and write what came of it, result or problem; nothing once `should_stop()` is true."""
    database = open_database(order.settings.database, THREADS)
    module, _, name = order.function.partition(":")
    try:
        run = getattr(importlib.import_module(module), name)
        task = outlast(lambda: _read(database, order.task_id))
        result = run(database, order.settings, task, Progress(database, order), should_stop)
        outlast(lambda: _write(database, order, holding.finish, result))
    except Exception as error:
        if isinstance(error, StoppedError) or should_stop():
            return
        traceback.print_exc()
        problem = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
        outlast(lambda: _write(database, order, holding.fail, problem))
    finally:
        database.close()


def _read(database: Database, task_id: int) -> Task:
    with database.reading() as session:
        task = session.get_one(Task, task_id)
        session.expunge(task)
        return task


def _write(database: Database, order: Order, write: Callable[..., None], what: Any) -> None:
    with database.writing() as session:
        write(session, order.task_id, order.fence, what)


def main() -> None:
    """Work as standard input says, and for as long as it is open."""
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker decides when to stop
    order: Order = pickle.load(sys.stdin.buffer)  # the worker's own words, by a pipe of its own
    stop = threading.Event()
    threading.Thread(target=_heed_the_end, args=(stop,), daemon=True).start()
    carry_out(order, stop.is_set)


def _heed_the_end(stop: threading.Event) -> None:
    """Say stop when standard input ends; end by force if that is not heeded."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    stop.set()
    time.sleep(GRACE_S)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
