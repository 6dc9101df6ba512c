"""Warm examiners, each used once.

A fork server with torch and pytest in memory forks examiners ahead of time; a job goes to one
that is ready, and a new one is warmed when it is done. So a submission starts in milliseconds, and
a run that dies takes nothing with it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from types import TracebackType

from grader.errors import GraderError
from grader.judging.events import OnEvent
from grader.judging.examiner import Message, Problem, Ready, examine
from grader.judging.job import Job
from grader.judging.result import GradingResult
from grader.settings import Settings

END_TIMEOUT_S = 30.0


@dataclass
class _Examiner:
    process: ForkServerProcess
    connection: Connection

    def end(self) -> None:
        """Let the examiner clean up; kill it if it does not."""
        with contextlib.suppress(OSError):
            self.connection.close()
        self.process.join(END_TIMEOUT_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


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
        self._size = size
        self._refill = refill
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
        with self._lock:
            waiting, self._waiting = self._waiting, deque()
        for examiner in waiting:
            examiner.end()

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
        """Return how many examiners wait that are ready, or have failed, which `grade` will tell."""
        with self._lock:
            return sum(examiner.connection.poll() for examiner in self._waiting)

    def grade(self, job: Job, on_event: OnEvent) -> GradingResult:
        """Grade one job; raises GraderError when the failure is ours."""
        with self._lock:
            examiner = self._waiting.popleft() if self._waiting else self._start()
        try:
            return _talk(examiner, job, on_event)
        finally:
            examiner.end()
            if self._refill:
                self.fill()

    def _start(self) -> _Examiner:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=examine, args=(theirs, *self._arguments), daemon=False)
        process.start()
        theirs.close()
        return _Examiner(process, ours)


def _talk(examiner: _Examiner, job: Job, on_event: OnEvent) -> GradingResult:
    try:
        while True:
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
