"""One machine's service: a web server and a worker as child processes, kept alive.

Each child has a process group of its own, so that Ctrl-C reaches this process alone, which then asks both
to finish. A child that dies is started again, after a pause that doubles up to half a minute. One that
fails right after its first start has said why (a port in use, no sandbox), and starting it again would not
help: then all ends with its exit code. If this process is killed outright, the kernel sends the children
SIGTERM.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from types import FrameType

import structlog

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
SETTLED_AFTER_S = 60.0  # alive for so long: it works, the next pause is the shortest again
FAILED_TO_START_S = 20.0
LOOK_INTERVAL_S = 0.2
PR_SET_PDEATHSIG = 1

log = structlog.get_logger("grader.supervisor")


@dataclass
class Child:
    """A program that has to run: its name for the log, and its command line."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at_s: float = 0.0
    start_again_at_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    starts: int = 0

    def start(self) -> None:
        """Start it; its SIGINT and SIGTERM are its own."""
        self.process = subprocess.Popen(
            self.command,
            start_new_session=True,
            preexec_fn=partial(end_with, os.getpid()),  # safe: this process has one thread
        )
        self.starts += 1
        self.started_at_s = time.monotonic()

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    @property
    def failed_to_start(self) -> bool:
        """Whether it ended by itself, with a failure, right after its first start."""
        assert self.process is not None
        alive_s = time.monotonic() - self.started_at_s
        return self.starts == 1 and alive_s < FAILED_TO_START_S and (self.process.returncode or 0) > 0

    def plan_restart(self) -> None:
        """Choose when it starts again."""
        assert self.process is not None
        now_s = time.monotonic()
        if now_s - self.started_at_s > SETTLED_AFTER_S:
            self.pause_s = FIRST_PAUSE_S
        log.error(
            "process_died",
            process=self.name,
            exit_code=self.process.returncode,
            restart_in_s=self.pause_s,
        )
        self.process = None
        self.start_again_at_s = now_s + self.pause_s
        self.pause_s = min(2 * self.pause_s, LONGEST_PAUSE_S)

    def send(self, number: int) -> None:
        """Send the process a signal, if it lives."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)


def supervise(children: Sequence[Child]) -> int:
    """Keep the children running until SIGTERM or SIGINT; return the exit code.

    At the signal all are asked to finish, in the order given, and waited for; a second one kills them.
    """
    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    exit_code = 0
    try:
        while not asked and exit_code == 0:
            exit_code = _look_after(children)
            time.sleep(LOOK_INTERVAL_S)
        if asked:
            log.info("stopping", hint="what has begun is finished first; stop again to end at once")
        for child in children:
            child.send(signal.SIGTERM)
        while any(child.is_running for child in children):
            if len(asked) > 1:
                for child in children:
                    child.send(signal.SIGKILL)
            time.sleep(LOOK_INTERVAL_S)
    finally:
        for child in children:
            child.send(signal.SIGKILL)
    return exit_code


def _look_after(children: Sequence[Child]) -> int:
    """Start what has to be started; return the exit code of a child that failed to start, else 0."""
    for child in children:
        if child.is_running:
            continue
        if child.process is not None:
            if child.failed_to_start:
                return int(child.process.returncode)
            child.plan_restart()
        if time.monotonic() >= child.start_again_at_s:
            child.start()
    return 0


def end_with(parent: int) -> None:
    """Have the kernel send this process SIGTERM when its parent ends, however that comes about."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
