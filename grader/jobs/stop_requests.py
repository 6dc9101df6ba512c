"""Requests to stop, by signal: counted, and noticed at once.

A signal handler in Python runs in the main thread, once that wakes, and one time for all signals that came
till then. The byte that the interpreter writes for every signal, whichever thread takes it, wakes us at
once and can be counted (`signal.set_wakeup_fd`).
"""

from __future__ import annotations

import select
import signal
import socket
import time
from types import FrameType
from typing import Self


class StopRequests:
    """How often the process has been asked to stop, by SIGTERM or SIGINT, while this is entered."""

    def __init__(self) -> None:
        self._count = 0
        self._reading, self._writing = socket.socketpair()

    def __enter__(self) -> Self:
        self._writing.setblocking(False)
        self._fd_before = signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)
        self._handlers_before = {
            number: signal.signal(number, _wake_only) for number in (signal.SIGTERM, signal.SIGINT)
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._fd_before)
        self._reading.close()
        self._writing.close()

    def wait(self, count: int, timeout_s: float | None = None) -> bool:
        """Wait until asked `count` times, at most `timeout_s`; return whether so many have come."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while self._count < count:
            left_s = None if deadline is None else max(deadline - time.monotonic(), 0.0)
            if not select.select([self._reading], [], [], left_s)[0]:
                return False
            numbers = self._reading.recv(64)
            self._count += sum(number in self._handlers_before for number in numbers)
        return True


def _wake_only(number: int, frame: FrameType | None) -> None:
    """Take a signal; that it came is read elsewhere."""
