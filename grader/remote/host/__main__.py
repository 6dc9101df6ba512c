"""Process 1 of a sandbox: warm torch up, fork zygotes, sweep between tests. Runs no student code.

    python -m grader.remote.host --fd N            a connected unix stream socket
    python -m grader.remote.host --socket PATH     a listening unix stream socket

Orders arrive as msgpack frames on that socket: `load` with the zygote's socket attached, and
`sweep`, which kills every process but this one (and the zygote, if asked to keep it) and
empties the writable folders, so that nothing passes from one test to the next. A zygote whose
submission folder has changed since it was loaded is not kept. The answer says whether all is clean.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import msgpack
import numpy  # noqa: F401  # preloaded for the submissions
import torch

from grader.remote.host.folders import empty, fingerprint, is_full
from grader.remote.host.prctl import set_inspectable
from grader.remote.host.zygote import run_zygote
from grader.remote.wire.frames import ConnectionEnded, FrameStream

SUBMISSION_DIR = Path("/submission")
SCRATCH_DIRS = (Path("/tmp"), Path("/dev/shm"))
KILL_S = 1.0  # for so long what is killed may take to die, or fork
KILL_TICK_S = 0.001
GIVE_UP_S = 5.0


class Host:
    """Serves the orders of the trusted side."""

    def __init__(self, stream: FrameStream):
        self._stream = stream
        self._zygote_pid = 0
        self._loaded: frozenset[tuple[str, ...]] | None = None  # what the submission folder was like

    def run(self) -> None:
        """Announce that torch is warm, then serve until the trusted side goes away."""
        self._stream.send(
            msgpack.packb({"warm": True, "python": sys.version.split()[0], "torch": torch.__version__})
        )
        while True:
            try:
                payload, descriptors = self._stream.receive_with_descriptors()
            except ConnectionEnded:
                return
            order = msgpack.unpackb(payload)
            if order["op"] == "load":
                self._load(descriptors[0])
                answer: dict[str, Any] = {}
            else:
                answer = self._sweep(keep_zygote=order["keep_zygote"])
            self._stream.send(msgpack.packb(answer))

    def _load(self, zygote_fd: int) -> None:
        """Fork a zygote where nothing of an earlier one is left, even if that has died unnoticed."""
        if not self._sweep(keep_zygote=False)["clean"]:
            raise SystemExit("the sandbox can't be emptied")
        pid = os.fork()
        if pid == 0:
            exit_code = 1
            try:
                self._stream.close()
                set_inspectable(True)  # only process 1 hides: an uninspectable process owns no /proc
                signal.signal(signal.SIGINT, signal.default_int_handler)
                run_zygote(socket.socket(fileno=zygote_fd), SUBMISSION_DIR)
                exit_code = 0
            finally:
                os._exit(exit_code)
        os.close(zygote_fd)
        self._zygote_pid = pid
        self._loaded = None

    def _sweep(self, *, keep_zygote: bool) -> dict[str, Any]:
        full = any(is_full(directory) for directory in SCRATCH_DIRS)
        if not keep_zygote:
            self._zygote_pid = 0
        clean = self._kill_others()
        if self._zygote_pid and self._submission_changed():
            self._zygote_pid = 0
            clean = self._kill_others()
        for directory in SCRATCH_DIRS if self._zygote_pid else (*SCRATCH_DIRS, SUBMISSION_DIR):
            clean = empty(directory) and clean
        return {"scratch_full": full, "zygote_alive": bool(self._zygote_pid), "clean": clean}

    def _kill_others(self) -> bool:
        """Kill all but this process and the zygote; return whether they are gone."""
        start_s = time.monotonic()
        while others := self._others():
            waited_s = time.monotonic() - start_s
            if waited_s > GIVE_UP_S:
                return False
            if waited_s > KILL_S:
                os.kill(-1, signal.SIGKILL)  # atomic: nothing can fork faster than this
                self._zygote_pid = 0
            for pid in others:
                _kill(pid)
            time.sleep(KILL_TICK_S)
            self._reap()
        return True

    def _submission_changed(self) -> bool:
        """Whether a session has changed the submission's files; the first look is after importing."""
        now = fingerprint(SUBMISSION_DIR)
        if self._loaded is None:
            self._loaded = now
        return now is None or now != self._loaded

    def _others(self) -> list[int]:
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [pid for pid in pids if pid not in (os.getpid(), self._zygote_pid) and _runs(pid)]

    def _reap(self) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._zygote_pid:
                self._zygote_pid = 0


def _runs(pid: int) -> bool:
    """Whether a process is more than a zombie, which only waits for its parent to take notice."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _connect() -> socket.socket:
    parser = argparse.ArgumentParser()
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--fd", type=int)
    where.add_argument("--socket", type=Path)
    options = parser.parse_args()
    if options.fd is not None:
        return socket.socket(fileno=options.fd)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(str(options.socket))
    return sock


def _warm_up() -> None:
    """Touch what every test touches, so that forks find it in memory already."""
    torch.set_num_threads(1)
    layer = torch.randn(8, 8, requires_grad=True)
    output = (torch.randn(4, 8) @ layer).relu()
    torch.autograd.backward([output], [torch.ones(4, 8)])  # with a gradient given, torch loads much more
    torch.logsumexp(layer.detach(), dim=1)
    gc.collect()
    gc.freeze()


def main() -> None:
    """Run process 1; refuses to be anything else, because a sweep kills every process that it can see."""
    if os.getpid() != 1:
        raise SystemExit("the host runs as process 1 of a sandbox only")
    stream = FrameStream(_connect())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as process 1, an ignored signal can't be sent from inside
    set_inspectable(False)
    _warm_up()
    Host(stream).run()


if __name__ == "__main__":
    main()
