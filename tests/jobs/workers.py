"""Starting workers as processes of their own, and waiting for what they do."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from grader.settings import CHECKOUT

PATIENCE_S = 180.0  # generous: machines that run tests are busy
LOOK_S = 0.02
# The acting grader's worker hurries: it beats, looks and reconciles more often, and is as patient as ever.
ACTED_BEAT_S = 0.25
ACTED_STALE_S = 2.0
ACTED_RECONCILE_S = 1.0


@dataclass
class WorkerProcess:
    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        return self.process.pid

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def ended(self) -> int:
        """Wait for its end; return its exit code."""
        return self.process.wait(PATIENCE_S)


ACTING, REAL = "tests.jobs.acting_grader", "tests.jobs.real_worker"


def start_worker(url: str, slots: int, program: str = ACTING, **settings: str) -> WorkerProcess:
    """Start a worker, by default with the acting grader, and wait until it takes runs."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", program, str(slots)],
        cwd=CHECKOUT,
        env={**os.environ, "GRADER_DATABASE_URL": url, **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line == "ready\n":
            break
    else:
        process.stdout.close()
        raise AssertionError(f"the worker ended with code {process.wait()} before it was ready")
    return WorkerProcess(process)


def wait_until(happened: Callable[[], object], what: str) -> None:
    """Wait until `happened` returns something true; fail with `what` after PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, f"this did not happen: {what}"
        time.sleep(LOOK_S)
