"""Warm examiners, each used once.

A fork server with torch and pytest in memory forks examiners ahead of time; a job goes to one
that is ready, and a new one is warmed when it is done. So a submission starts in milliseconds, and
a run that dies takes nothing with it.

Whoever waits for a result may stop waiting, and does not wait for ever: an examiner that is not needed any
more, or that hangs, is killed, and what it leaves behind is cleared away.
"""

from __future__ import annotations

import contextlib
import logging
import math
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from types import TracebackType

from grader.errors import GraderError, StoppedError
from grader.judging.events import OnEvent
from grader.judging.examiner import FAILED, Message, Problem, Ready, examine
from grader.judging.job import Job
from grader.judging.result import GradingResult
from grader.sandbox.selection import choose
from grader.settings import Settings

log = logging.getLogger(__name__)

END_TIMEOUT_S = 30.0
LOOK_S = 0.2  # so often is asked whether a silent examiner is still needed


@dataclass
class _Examiner:
    process: ForkServerProcess
    connection: Connection

    def end(self) -> bool:
        """Let the examiner clean up and end; return whether it does so in time."""
        with contextlib.suppress(OSError):
            self.connection.close()
        self.process.join(END_TIMEOUT_S)
        return not self.process.is_alive()

    def kill(self) -> None:
        """End the examiner at once, and the processes it has started; sandboxes are left behind."""
        if self.process.is_alive() and self.process.pid is not None:
            with contextlib.suppress(ProcessLookupError):  # it has no group of its own yet
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
            self.process.join()
        with contextlib.suppress(OSError):
            self.connection.close()


class ExaminerPool:
    """Keeps `size` examiners warm for one unit and one sandbox; use as a context manager.

    `grade` may be called from several threads; each call uses up one examiner. With `refill`, a
    used examiner is replaced; without `with_mnist`, no job may ask for MNIST, and examiners warm
    up faster, because the reference is not needed.
    """

    def __init__(
        self,
        unit_name: str,
        sandbox: str,
        settings: Settings,
        size: int = 1,
        *,
        refill: bool = True,
        with_mnist: bool = True,
    ):
        self._arguments = (unit_name, sandbox, settings, with_mnist)
        self._sandbox = sandbox
        self._settings = settings
        self._size = size
        self._is_refilled = refill
        self._warm = 0
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["grader.judging.examiner"])
        self._waiting: deque[_Examiner] = deque()
        self._lock = threading.Lock()

    def __enter__(self) -> ExaminerPool:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        self.fill()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(self._taken_out())

    def renew(self) -> None:
        """Replace the examiners that wait: something has happened that they may not have survived."""
        waiting = self._taken_out()
        self._kill(waiting)
        if waiting:
            self._refill()

    def fill(self) -> None:
        """Start examiners until `size` of them wait; they warm up in the background."""
        with self._lock:
            while len(self._waiting) < self._size:
                self._waiting.append(self._start())

    def wait_until_warm(self) -> None:
        """Wait until the next examiner is ready, or has failed, which `grade` will tell."""
        with self._lock:
            examiner = self._waiting[0]
        examiner.connection.poll(None)

    def count_warm(self) -> int:
        """Return how many examiners wait that are ready, or have failed, which `grade` will tell.

        Never waits: while examiners are being started, that is the number from before.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._warm = sum(examiner.connection.poll() for examiner in self._waiting)
            finally:
                self._lock.release()
        return self._warm

    def grade(
        self,
        job: Job,
        on_event: OnEvent,
        *,
        limit_s: float = math.inf,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> GradingResult:
        """Grade one job; raises GraderError when the failure is ours.

        A run that has no result after `limit_s` hangs, which is a failure of ours. Soon after `should_stop()`
        has become true, the run is given up and StoppedError is raised. Either way the examiner is killed.
        """
        with self._lock:
            examiner = self._waiting.popleft() if self._waiting else self._start()
        try:
            result = _talk(examiner, job, on_event, time.monotonic() + limit_s, should_stop)
            self._end([examiner])
            if examiner.process.exitcode == FAILED:
                raise GraderError("The sandboxes of the run could not be taken down: see the log.")
            return result
        except BaseException:
            self._kill([examiner])
            raise
        finally:
            self._refill()

    def _taken_out(self) -> list[_Examiner]:
        with self._lock:
            waiting, self._waiting = list(self._waiting), deque()
        return waiting

    def _refill(self) -> None:
        if self._is_refilled:
            with contextlib.suppress(Exception):  # the next `grade` starts its own, and tells if it can't
                self.fill()

    def _end(self, examiners: Iterable[_Examiner]) -> None:
        """Let examiners end; kill those that don't."""
        self._kill([examiner for examiner in examiners if not examiner.end()])

    def _kill(self, examiners: Iterable[_Examiner]) -> None:
        """Kill examiners and remove their sandboxes."""
        killed = list(examiners)
        for examiner in killed:
            examiner.kill()
        if killed:
            try:
                choose(self._sandbox, self._settings).remove_leftovers()
            except Exception:  # staff are told, and whoever looks next removes them
                log.exception("what a killed examiner left in sandbox %s is not removed", self._sandbox)

    def _start(self) -> _Examiner:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=examine, args=(theirs, *self._arguments), daemon=False)
        process.start()
        theirs.close()
        return _Examiner(process, ours)


def _talk(
    examiner: _Examiner,
    job: Job,
    on_event: OnEvent,
    deadline_s: float,
    should_stop: Callable[[], bool],
) -> GradingResult:
    start_s = time.monotonic()
    try:
        while True:
            if should_stop():
                raise StoppedError("Nobody waits for this result any more.")
            if time.monotonic() > deadline_s:
                waited_s = time.monotonic() - start_s
                raise GraderError(f"Grading hung: there was no result after {waited_s:.0f} s.")
            if not examiner.connection.poll(LOOK_S):
                continue
            message: Message = examiner.connection.recv()
            if isinstance(message, Ready):
                examiner.connection.send(job)
            elif isinstance(message, Problem):
                problem = GraderError(message.text)
                problem.add_note(message.detail)  # for logs: the examiner's own trace
                raise problem
            elif isinstance(message, GradingResult):
                return message
            else:
                on_event(message)
    except (EOFError, BrokenPipeError, ConnectionResetError) as error:
        raise GraderError("The examiner ended without a result.") from error
