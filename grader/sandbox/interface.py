"""What a sandbox is, whichever technology builds it.

Theory of operation. A `Backend` launches a `Sandbox`: one single-use container that runs
the student host (`grader.remote.host`) as its process 1, with torch already imported, and
nothing of any submission. The only way in or out is `Sandbox.control`, a connected unix
stream socket to the host; files, sessions and results all travel over it and over sockets
passed through it. The sandbox has no network, a read-only root, small tmpfs at /tmp,
/dev/shm and /submission, no capabilities, a seccomp allow-list, a non-root uid, and a
cgroup of its own with memory (no swap), pids, cpu and cpuset limits. `close()` leaves
nothing behind: no process, mount, cgroup or file.

The program is a Python command line (`HOST_PROGRAM` by default); the backend appends how to
reach the grader: `--fd N`, an inherited connected socket, or `--socket PATH`, to connect to.

"The program failed" is told by the grader from what comes back over the socket and from
`Sandbox.usage()`; "the sandbox failed" is always a `SandboxError`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

HOST_PROGRAM = ("-m", "grader.remote.host")

Progress = Callable[[str], None]


def silent(line: str) -> None:
    """The progress callback that shows nothing."""


@dataclass(frozen=True)
class Limits:
    """What one sandbox may use."""

    memory_bytes: int = 2 * 1024**3
    pids: int = 64
    tmp_bytes: int = 64 * 1024**2
    submission_bytes: int = 128 * 1024**2
    open_files: int = 256
    cpus: float = 1.0


@dataclass(frozen=True)
class Usage:
    """What a sandbox has used since it was launched (all its processes together)."""

    cpu_s: float
    memory_bytes: int
    oom_kills: int
    pids_refused: int


@dataclass(frozen=True)
class Finding:
    """One line of `grader doctor`: whether a need is met and, if not, the command that mends it."""

    need: str
    ok: bool
    detail: str
    fix: str = ""


class Sandbox(Protocol):
    """One running container, fit for one submission, then thrown away."""

    control: socket.socket
    pid: int  # process 1, as the host numbers it

    def usage(self) -> Usage:
        """Return the kernel's own accounting: the last known once process 1 has ended,
        SandboxError once the sandbox is closed."""

    def pin(self, core: int | None) -> None:
        """Confine every process of the sandbox to one core, or to all of the host's for None."""

    def alive(self) -> bool:
        """Whether process 1 still runs."""

    def close(self) -> None:
        """Kill everything inside and remove every trace; idempotent."""


class Backend(Protocol):
    """A technology that can launch sandboxes."""

    name: str

    def findings(self) -> list[Finding]:
        """Check every need that the host must meet; `prepare` can't mend these."""

    def prepared(self) -> Finding:
        """Check that what `prepare` builds is there (False too where it can't be looked up)."""

    def prepare(self, progress: Progress = silent) -> None:
        """Build what is missing (image or root), one line of progress a step, and remove what
        dead graders left behind; SandboxUnavailable with the fix if it can't."""

    def remove_leftovers(self) -> list[str]:
        """Remove what dead graders left behind, and nothing of living ones; return what it was."""

    def digest(self) -> str:
        """Return `sha256:…` of the image or root that student code runs in."""

    def launch(self, limits: Limits, program: Sequence[str] = HOST_PROGRAM) -> Sandbox:
        """Start `program` in a fresh sandbox and return once it is connected and every layer
        of isolation has been read back from the kernel. Threads may launch at the same time.

        Returns before torch is imported; the host says on `control` when it is warm.
        Raises SandboxUnavailable if a layer is missing, SandboxError if it can't start.
        """
