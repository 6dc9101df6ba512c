"""A container of a plain harness: commands in it, its output up to a cap, and what it uses meanwhile."""

from __future__ import annotations

import contextlib
import os
import select
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.types import Mount

from grader.sandbox.cgroup import Cgroup

MEMORY_BYTES = 1024**3
# What --privileged gives, by name (some machines lack one of the capabilities), and what is mounted with it.
PRIVILEGED = {
    "cap_add": ["SYS_ADMIN", "SYS_PTRACE", "SYS_NICE", "DAC_READ_SEARCH", "SYSLOG"],
    "security_opt": ["seccomp=unconfined"],
    "devices": ["/dev/kmsg:/dev/kmsg:r"],
}
HOSTS_OWN = ("/var/run/docker.sock", "/sys/fs/cgroup")
PIDS = 256
LIFE_S = 300  # the container ends by itself, whatever becomes of us
MAX_OUTPUT_BYTES = 8 * 1024**2
TICK_S = 0.05
REMOVALS = 5
_TMPFS = "rw,exec,nr_inodes=65536,mode=1777,size=256m"
WRITABLE = ("/submission", "/neighbour", "/tmp", "/var/tmp")


@dataclass
class Peaks:
    """The most that a container was seen to use."""

    memory_bytes: int = 0
    oom_kills: int = 0
    pids: int = 0
    pids_refused: int = 0
    file_bytes: int = 0
    files: int = 0


class Command:
    """One command that runs in a container; `exit_code` is None until it has ended."""

    def __init__(
        self, api: docker.APIClient, container_id: str, command: list[str], environment: dict[str, str]
    ):
        self._api = api
        self._id = api.exec_create(container_id, command, environment=environment)["Id"]
        self._stream: Any = api.exec_start(self._id, socket=True)
        self._socket = self._stream._sock
        self._raw = bytearray()
        self.at_end = False

    def fileno(self) -> int:
        """The descriptor that output comes from."""
        return int(self._socket.fileno())

    def read(self) -> None:
        """Take what there is; beyond the cap it stays in the pipe."""
        chunk = self._socket.recv(65536)
        self._raw += chunk
        self.at_end = not chunk

    @property
    def full(self) -> bool:
        """Whether no more output is taken."""
        return len(self._raw) >= MAX_OUTPUT_BYTES

    def output(self) -> bytes:
        """What was printed, standard output and errors in one."""
        parts, start = [], 0
        while start + 8 <= len(self._raw):  # the engine puts a header before each piece: its kind and length
            length = int.from_bytes(self._raw[start + 4 : start + 8], "big")
            parts.append(bytes(self._raw[start + 8 : start + 8 + length]))
            start += 8 + length
        return b"".join(parts)

    def exit_code(self) -> int | None:
        """Its exit code; None if it hasn't ended."""
        code: int | None = self._api.exec_inspect(self._id)["ExitCode"]
        return code

    def close(self) -> None:
        """Stop listening to it."""
        self._stream._response.close()
        self._socket.close()


class PlainContainer:
    """A running container that waits; use as a context manager. It has a network, and caps for our sake.

    Arguments: `mounts`, folders of ours by their place in it, read-only; `privileged`, whether it has the
    rights that --privileged gives, the engine's socket and the host's control groups.
    """

    def __init__(
        self,
        client: docker.DockerClient,
        image: str,
        mounts: dict[str, Path],
        environment: dict[str, str],
        privileged: bool = False,
    ):
        rights: dict[str, Any] = PRIVILEGED if privileged else {}
        shown = [Mount(place, str(folder), type="bind", read_only=True) for place, folder in mounts.items()]
        shown += [Mount(place, place, type="bind") for place in HOSTS_OWN if privileged]
        self.peaks = Peaks()
        self._environment = environment
        self._container = client.containers.create(
            image,
            command=["sleep", str(LIFE_S)],
            user="0:0",
            working_dir="/submission",
            network_mode="bridge",
            mounts=shown,
            tmpfs=dict.fromkeys(WRITABLE, _TMPFS),
            shm_size=128 * 1024**2,
            mem_limit=MEMORY_BYTES,
            memswap_limit=MEMORY_BYTES,
            pids_limit=PIDS,
            nano_cpus=10**9,
            **rights,
            labels={"grader.redteam": "plain"},
            auto_remove=True,  # when its life is over, should we be gone before
        )
        self._api = client.api

    def __enter__(self) -> PlainContainer:
        self._container.start()
        self._container.reload()
        self._pid = int(self._container.attrs["State"]["Pid"])
        self._cgroup = Cgroup.of_process(self._pid)
        return self

    def __exit__(self, *exc_info: object) -> None:
        for attempt in range(REMOVALS):
            try:
                return self._container.remove(force=True, v=True)
            except NotFound:
                return None
            except APIError:  # the engine gives a container with many processes little time to die
                if attempt == REMOVALS - 1:
                    raise
        return None

    def start(self, *command: str) -> Command:
        """Start a command; APIError if the engine can't any more."""
        return Command(self._api, self._container.id, list(command), self._environment)

    def wait(self, commands: list[Command], wall_s: float) -> bool:
        """Take what the commands print until all have ended; False if time or room is over before."""
        deadline_s = time.monotonic() + wall_s
        while waiting := [command for command in commands if not command.at_end]:
            left_s = deadline_s - time.monotonic()
            if left_s < 0:
                return False
            if all(command.full for command in waiting):
                return False
            ready, _, _ = select.select([c for c in waiting if not c.full], [], [], min(TICK_S, left_s))
            for command in ready:
                command.read()
            self._look()
        return True

    def run(self, *command: str, wall_s: float = 10.0) -> bytes:
        """Run a command and return its output; empty if the container is too far gone for that."""
        try:
            started = self.start(*command)
        except APIError:
            return b""
        try:
            self.wait([started], wall_s)
            return started.output()
        finally:
            started.close()

    def processes(self) -> list[str]:
        """Return the command lines of all that runs in it but its first process."""
        found = []
        for pid in self._cgroup.members():
            with contextlib.suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if pid != self._pid and line:  # a zombie has none
                    found.append(line.strip())
        return found

    def cpu_s(self) -> float:
        """Return the CPU time that all its processes have used."""
        return self._cgroup.usage().cpu_s

    def _look(self) -> None:
        peaks = self.peaks
        with contextlib.suppress(OSError):
            usage = self._cgroup.usage()
            peaks.memory_bytes = max(peaks.memory_bytes, usage.memory_bytes)
            peaks.oom_kills = max(peaks.oom_kills, usage.oom_kills)
            peaks.pids_refused = max(peaks.pids_refused, usage.pids_refused)
            pids = int((self._cgroup.folders["pids"] / "pids.current").read_text())
            peaks.pids = max(peaks.pids, pids)
            for place in (*WRITABLE, "/dev/shm"):
                system = os.statvfs(f"/proc/{self._pid}/root{place}")
                peaks.file_bytes = max(peaks.file_bytes, (system.f_blocks - system.f_bfree) * system.f_frsize)
                peaks.files = max(peaks.files, system.f_files - system.f_ffree)
