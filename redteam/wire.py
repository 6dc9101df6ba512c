"""What crosses between the trusted side and a sandbox, recorded at the trusted side."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.remote.importing import control
from grader.remote.importing.session import Session
from grader.remote.wire.frames import FrameStream


@dataclass
class Crossed:
    """All bytes of all streams, in the order in which they crossed."""

    out: bytearray = field(default_factory=bytearray)  # out of the sandbox: frames and what was printed
    into: bytearray = field(default_factory=bytearray)


@contextlib.contextmanager
def recorded() -> Iterator[Crossed]:
    """Record what crosses on streams that a `StudentHost` opens meanwhile.

    That is all that is about a hand-in: each gets a zygote and sessions of its own. The stream to process 1,
    which runs no student code and is told nothing but orders, is older.
    """
    crossed = Crossed()

    class RecordedStream(FrameStream):
        def send(self, payload: bytes, descriptors: tuple[int, ...] = ()) -> None:
            crossed.into += payload
            super().send(payload, descriptors)

        def fill(self) -> None:
            before = len(self._buffer)
            super().fill()
            crossed.out += self._buffer[before:]

    class RecordedSession(Session):
        def close(self) -> None:
            super().close()
            crossed.out += self.output
            self.output = bytearray()  # closing again adds nothing

    control.FrameStream, control.Session = RecordedStream, RecordedSession  # type: ignore[misc]
    try:
        yield crossed
    finally:
        control.FrameStream, control.Session = FrameStream, Session  # type: ignore[misc]
