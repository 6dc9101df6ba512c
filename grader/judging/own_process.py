"""Runs a student's code on the student's own machine, for `grader check`: a plain process, no sandbox.

The process keeps a broken hand-in from taking `grader check` down with it, and can be stopped
after a time limit. It holds nobody off: on one's own machine there is nothing to protect.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_TAIL_CHARS = 2_000

# Ours must not be changed by what a student's shell sets, nor the hand-in by running it.
ENVIRONMENT = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",  # as on the graders' machines, on Windows too
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_ADDOPTS": "",
}


@dataclass(frozen=True)
class Ended:
    """How the process ended: its exit code, None if it was stopped at the time limit, and what it printed."""

    exit_code: int | None
    output: str

    @property
    def tail(self) -> str:
        """The end of what it printed."""
        return self.output[-MAX_TAIL_CHARS:].strip()


def run_python(arguments: Sequence[str], folder: Path, scratch: Path, timeout_s: float) -> Ended:
    """Run this Python with `arguments` in `folder` for at most `timeout_s` seconds.

    What it prints goes into a file in `scratch`, so that children it leaves behind can't block us.
    """
    printed = scratch / "printed.txt"
    with printed.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-P", *arguments],  # -P: the hand-in's files are no modules of ours
            cwd=folder,
            env={**os.environ, **ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            exit_code: int | None = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            exit_code = None
        finally:
            process.kill()
            process.wait()
    return Ended(exit_code, printed.read_text(encoding="utf-8", errors="replace"))
