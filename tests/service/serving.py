"""A real `grader serve` as a process of its own, on a free port of loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.settings import CHECKOUT
from tests.jobs.workers import wait_until

READY_PATIENCE_S = 120.0


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


@dataclass(frozen=True)
class Serving:
    process: subprocess.Popen[bytes]
    address: str
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8")

    def traces(self) -> str:
        """What the log says from its first stack trace on; "" if there is none."""
        _, found, rest = self.log.partition("Traceback")
        return found + rest[:3_000]

    def get(self, path: str) -> tuple[int, str]:
        """The answer's status and text; 0 if nobody answers."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def checks(self) -> dict[str, Any]:
        status, text = self.get("/readyz")
        found: dict[str, Any] = json.loads(text)["checks"] if status else {}
        return found

    def wait_until_ready(self) -> None:
        wait_until(lambda: self.get("/readyz")[0] == 200 or self.process.poll() is not None, "it is ready")
        assert self.process.poll() is None, self.log

    def children(self) -> dict[str, int]:
        """The numbers of the processes of the web server and of the worker."""
        found = {}
        for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):  # it has ended since
                arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                found["web" if b"--no-worker" in arguments else "worker"] = int(pid)
        return found

    def stop(self) -> int:
        """Ask it to finish; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(120)


@contextmanager
def serving(folder: Path, *options: str, **settings: object) -> Iterator[Serving]:
    """Start `grader serve OPTIONS` with its database and log in `folder`; kill what is left at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    listen = f"127.0.0.1:{free_port()}"
    chosen = {
        "database_url": f"sqlite:///{folder / 'grader.sqlite'}",
        "secret_key": "x" * 40,
        "listen": listen,
        "public_url": f"http://{listen}",
        **settings,
    }
    log_file = folder / "log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "grader.cli", "serve", *options],
            cwd=CHECKOUT,
            env=os.environ | {f"GRADER_{name.upper()}": str(value) for name, value in chosen.items()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield Serving(process, f"http://{listen}", log_file)
    finally:
        process.kill()  # its children end with it
        process.wait()
