"""Fingerprints of many hand-ins, made in a child process that a hostile file can only break for itself."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from grader.errors import GraderError

MAX_ANSWER_BYTES = 8 * 1024**2
START_S = 120.0  # the first time, the engine's own libraries build their caches


@dataclass(frozen=True)
class EngineLimits:
    """What one hand-in may cost: CPU and wall-clock seconds, and the child's memory."""

    cpu_s: int = 10
    wall_s: float = 60.0
    memory_bytes: int = 1024**3


@dataclass(frozen=True)
class Part:
    """A statement of a hand-in with its fingerprints; lines from 1."""

    path: str
    first: int
    last: int
    form: str
    fingerprints: frozenset[int]


class Engine:
    """A context in which hand-ins are fingerprinted, one after the other."""

    def __init__(self, template: Mapping[str, str], limits: EngineLimits | None = None):
        self._limits = limits or EngineLimits()
        self._order = {
            "given": dict(template),
            "limits": {"cpu_s": self._limits.cpu_s, "memory_bytes": self._limits.memory_bytes},
        }
        self._child: subprocess.Popen[bytes] | None = None
        self._home = tempfile.TemporaryDirectory(prefix="grader-similarity-")

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._home.cleanup()

    def parts(self, files: Mapping[str, str]) -> list[Part] | None:
        """Return the parts of a hand-in; None if it went over a limit or broke the child.

        Raises GraderError if the child can't even start, which is our own failure.
        """
        child = self._child or self._start()
        answer = self._ask(child, {"files": dict(files)}, self._limits.wall_s)
        if answer is None:
            self._end()
            return None
        return [
            Part(path, first, last, form, frozenset(marks))
            for path, first, last, form, marks in answer["parts"]
        ]

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the child, and wait until it answers."""
        with tempfile.TemporaryFile() as said:
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "grader.similarity.fingerprinting"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env=_environment(self._home.name),
            )
            self._child = child
            is_written = self._write(child, self._order, time.monotonic() + START_S)
            if not is_written or self._ask(child, {"files": {}}, START_S) is None:
                self._end()
                said.seek(0)
                text = said.read()[-2_000:].decode(errors="replace").strip()
                raise GraderError(f"The engine for similarity does not start: {text or 'it says nothing'}")
        return child

    def _ask(self, child: subprocess.Popen[bytes], question: Any, wall_s: float) -> Any:
        """Return the child's answer; None if there is none in time."""
        deadline = time.monotonic() + wall_s
        if not self._write(child, question, deadline):
            return None
        assert child.stdout is not None
        answer = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while not answer.endswith(b"\n"):
                left_s = deadline - time.monotonic()
                if left_s <= 0 or not selector.select(left_s) or len(answer) > MAX_ANSWER_BYTES:
                    return None
                read = os.read(child.stdout.fileno(), 1 << 16)
                if not read:
                    return None
                answer += read
        return json.loads(answer)

    def _write(self, child: subprocess.Popen[bytes], message: Any, deadline: float) -> bool:
        """Write a line; False if the child does not take it in time."""
        assert child.stdin is not None
        left = memoryview(json.dumps(message).encode() + b"\n")
        os.set_blocking(child.stdin.fileno(), False)
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdin, selectors.EVENT_WRITE)
            while left:
                left_s = deadline - time.monotonic()
                if left_s <= 0 or not selector.select(left_s):
                    return False
                try:
                    left = left[os.write(child.stdin.fileno(), left) :]
                except BrokenPipeError:
                    return False
        return True

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _environment(home: str) -> dict[str, str]:
    """Return the child's environment: nothing of ours but where Python finds us."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "HOME": home,
        "MPLCONFIGDIR": home,  # a library of the engine's insists on a place of its own
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",  # fingerprints are Python's hashes: the same in every child
        "PYTHONUTF8": "1",
    }
