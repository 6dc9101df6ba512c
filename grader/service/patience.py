"""How long the web server waits for a client that has begun a request.

A thread reads the whole of a request, however slowly it comes. Without a bound, whoever opens as many
connections as there are threads and sends no more than the beginning keeps everybody else out. So a request
may let its reader wait for a while, and longer only as far as it brings something meanwhile. What is sent to
slow readers is not bounded here.
"""

from __future__ import annotations

import errno
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

WAIT_S = 10.0
BYTES_PER_S = 8 * 1024  # what earns a request more time


class BoundedSocket(socket.socket):
    """A client's connection. Reading from it fails once a request has taken more time than it may."""

    _waited_s = 0.0
    _bytes = 0

    def setblocking(self, flag: bool) -> None:
        """Begin a new request, if `flag` says that it is going to be read."""
        super().setblocking(flag)
        self._waited_s, self._bytes = 0.0, 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what has come; ConnectionResetError if that took too long."""
        given_s = self.gettimeout()
        if given_s == 0:  # the poller says when there is something
            return super().recv(size, flags)
        left_s = max(0.01, WAIT_S + self._bytes / BYTES_PER_S - self._waited_s)
        if given_s is not None and given_s < left_s:
            return super().recv(size, flags)
        begun_s = time.monotonic()
        self.settimeout(left_s)
        try:
            data = super().recv(size, flags)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "the request came too slowly") from None
        finally:
            self.settimeout(given_s)
        self._waited_s += time.monotonic() - begun_s
        self._bytes += len(data)
        return data


class PatientWorker(ThreadWorker):
    """Gunicorn's worker with threads, whose patience ends."""

    def enqueue_req(self, conn: Any) -> None:
        """Bound a new connection before a thread reads from it."""
        if not isinstance(conn.sock, BoundedSocket):
            conn.sock = BoundedSocket(fileno=conn.sock.detach())
        super().enqueue_req(conn)
