"""The service's processes: started, killed with kill -9, and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.publication import ROOT

START_TIMEOUT_S = 60.0
LOOK_S = 0.05


@dataclass
class Process:
    """A command that runs in a process group of its own; its output goes to a file."""

    arguments: Sequence[str]
    environment: dict[str, str]
    log: Path
    started: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Start it; again, if it was there before."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.started += 1

    def kill(self) -> None:
        """Send SIGKILL to all of its group, and wait until it is gone."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process is not None and self._process.poll() is None


def web_process(environment: dict[str, str], log: Path) -> Process:
    """Return the production web server, which listens where the environment says."""
    return Process(["grader.cli", "serve", "--no-worker"], environment, log)


def worker_process(grading: str, environment: dict[str, str], log: Path) -> Process:
    """Return a worker, with `acted` or `real` grading."""
    return Process(["bench.service.worker", grading], environment, log)


def free_address() -> str:
    """Return a loopback address with a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def wait_until_serving(url: str) -> None:
    """Wait until the web server says that it is well."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(LOOK_S)


def wait_until_ready(worker: Process) -> None:
    """Wait until the worker takes runs."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while "ready\n" not in worker.log.read_text(encoding="utf-8", errors="replace"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the worker did not start; see {worker.log}")
        time.sleep(LOOK_S)
