"""The decoder's first inputs: what an honest hand-in answers to each script, as it crosses the wire."""

from __future__ import annotations

import os
import socket
import threading
import time
from functools import cache
from typing import Any

import msgpack

from grader.remote.host.objects import ClassTable
from grader.remote.host.session import HostSession
from grader.remote.host.zygote import _import_and_describe
from grader.remote.importing.package import AllNames
from grader.remote.importing.session import Session
from grader.remote.wire.frames import HEADER, FrameStream
from redteam.fuzzing import decoder
from redteam.fuzzing.scripts import SCRIPTS, Script


@cache
def describe() -> tuple[dict[str, Any], ClassTable]:
    """Return what the zygote says of the hand-in, and the classes that its sessions know."""
    classes = ClassTable()
    return _import_and_describe([decoder.MODULE], classes, "."), classes


def conversations() -> dict[str, bytes]:
    """Return one input of `converse` for each script, and each again with the description before it."""
    description = _framed(msgpack.packb(describe()[0]))
    found = {}
    for number, script in enumerate(SCRIPTS):
        stream = record(script)
        found[script.__name__] = bytes([number]) + stream
        found[f"{script.__name__}-described"] = (
            bytes([number | decoder.WITH_DESCRIPTION]) + description + stream
        )
    return found


def streams() -> dict[str, bytes]:
    """Return one input of `listen` for each script."""
    return {script.__name__: record(script) for script in SCRIPTS}


@cache
def record(script: Script) -> bytes:
    """Return the frames that an honest session sends while `script` runs."""
    near, far = socket.socketpair()
    package = decoder.usual_package()
    with near, far:
        answering = _Recorded(FrameStream(far), describe()[1], ".")
        thread = threading.Thread(target=answering.run)
        thread.start()
        reading, writing = os.pipe()
        stream = FrameStream(near)
        session = Session(
            package, stream, reading, reading, decoder.LIMITS, time.process_time, decoder.NO_USAGE
        )
        package.use(session)
        try:
            script(AllNames(package))
        finally:
            package.use(None)
            session.close()
            os.close(writing)
            thread.join()
    return b"".join(map(_framed, answering.sent))


class _Recorded(HostSession):
    """A session's process, as a thread, of which all frames are kept."""

    def __init__(self, *arguments: Any):
        super().__init__(*arguments)
        self.sent: list[bytes] = []

    def transmit(self, frame: bytes) -> None:
        self.sent.append(frame)
        super().transmit(frame)


def _framed(frame: bytes) -> bytes:
    return HEADER.pack(len(frame)) + frame
