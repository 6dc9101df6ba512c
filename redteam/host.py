"""What sandboxes have left on the host and within themselves: nothing, if all is well.

Theory of operation. The machine has other things to do, so nothing is counted that others may change.
Looked for is only what can be laid at a sandbox's door: by its user ids, which nobody else has, by a control
group, container or lease that has lost its owner, and by the token that an attack marks its traces with.
So two looks, before and after, differ exactly by what was left.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from docker.errors import APIError

from grader.errors import SandboxUnavailable
from grader.sandbox import bubblewrap, cgroup, docker, docker_host, lease
from grader.sandbox.interface import Sandbox

UIDS = {*docker.UIDS, *bubblewrap.UIDS}
PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/run/lock")
SCRATCH = ("/tmp", "/dev/shm")
SETTLE_S, TICK_S = 5.0, 0.05  # what is on its way out may take so long


def left_since(before: set[str], token: str) -> set[str]:
    """Return what sandboxes have left on this host since `before`, and what stays there."""
    deadline_s = time.monotonic() + SETTLE_S
    while (left := traces(token) - before) and time.monotonic() < deadline_s:
        time.sleep(TICK_S)
    return left


def traces(token: str) -> set[str]:
    """Return all that sandboxes have left on this host, each in a few words."""
    found = {
        *_processes(token),
        *_groups(),
        *_mounts(token),
        *_files(token),
        *_ipc(),
        *_keys(),
        *_sockets(token),
    }
    return found | {*_containers()}


def process_count(sandbox: Sandbox) -> int:
    """Return how many processes a sandbox has."""
    return len(cgroup.Cgroup.of_process(sandbox.pid).members())


def unrest(sandbox: Sandbox, submission: set[str], idle_processes: int) -> set[str]:
    """Return what keeps a sandbox from being as it was before the hand-in.

    Arguments: `submission`, the paths of the hand-in that it holds; `idle_processes`, how many processes it
    has while it holds one.
    """
    root = Path(f"/proc/{sandbox.pid}/root")
    found = set()
    if process_count(sandbox) > idle_processes:
        found.add(f"{process_count(sandbox) - idle_processes} processes in the sandbox")
    for place in SCRATCH:
        found |= {f"{place}/{path.name} in the sandbox" for path in Path(f"{root}{place}").iterdir()}
        system = os.statvfs(f"{root}{place}")
        if system.f_blocks - system.f_bfree > 0:
            found.add(
                f"{(system.f_blocks - system.f_bfree) * system.f_frsize} bytes held in the sandbox's {place}"
            )
    for folder, _, names in os.walk(f"{root}/submission"):
        paths = {os.path.relpath(f"{folder}/{name}", f"{root}/submission") for name in names}
        found |= {f"/submission/{path} in the sandbox" for path in paths - submission}
    return found | {f"{line} in the sandbox" for line in (*_ipc(sandbox.pid), *_abstract_names(sandbox.pid))}


def _processes(token: str) -> Iterator[str]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                line = (folder / "cmdline").read_bytes()
                escaped = folder.stat().st_uid in UIDS and not _is_confined(folder)
                if escaped or token.encode() in line:
                    text = line.replace(b"\0", b" ").decode(errors="replace")[:60]
                    yield f"process {folder.name} ({text.strip()})"


def _is_confined(folder: Path) -> bool:
    """Whether a process is in a sandbox's control group, or has ended and only waits to be noticed."""
    if (folder / "stat").read_text().rpartition(")")[2].split()[0] in "ZX":
        return True
    groups = [line.split(":", 2) for line in (folder / "cgroup").read_text().splitlines()]
    paths = [path for _, names, path in groups if names in ("", "pids")]
    return any("docker" in path or cgroup.PARENT in path for path in paths)


def _groups() -> Iterator[str]:
    """Control groups that nobody owns, and groups within a sandbox's."""
    for mount in set(cgroup.hierarchy().mounts.values()):
        for folder in (mount / cgroup.PARENT).glob("*/"):
            if not (lease.leases_folder() / folder.name).exists() and folder.exists():
                yield f"control group {folder.name} without a lease"
            yield from (f"control group {inner.name} in {folder.name}" for inner in folder.glob("*/"))


def _mounts(token: str) -> Iterator[str]:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        target = line.split()[4]
        if token in line or target.startswith(str(lease.leases_folder())):
            yield f"mount at {target}"


def _files(token: str) -> Iterator[str]:
    for place in PLACES:
        with contextlib.suppress(OSError):
            for entry in os.scandir(place):
                with contextlib.suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_uid in UIDS or token in entry.name:
                        yield f"file {entry.path}"
    with contextlib.suppress(OSError):
        for folder, _, names in os.walk(lease.leases_folder()):
            for name in names:
                path = Path(folder) / name
                with contextlib.suppress(OSError):
                    if token in name or (
                        path.lstat().st_uid in UIDS and not stat.S_ISSOCK(path.lstat().st_mode)
                    ):
                        yield f"file {path}"


def _ipc(pid: int | None = None) -> Iterator[str]:
    """System V objects: those of sandboxes on the host, or all in the namespace of a process."""
    for kind in ("shm", "sem", "msg"):
        source = f"/proc/sysvipc/{kind}"
        if pid is None:
            text = Path(source).read_text()
        else:
            command = ["nsenter", f"--target={pid}", "--ipc", "cat", source]
            text = subprocess.run(command, capture_output=True, text=True).stdout
        head, *lines = text.splitlines() or [""]
        column = head.split().index("uid") if "uid" in head.split() else 0
        for line in lines:
            if pid is not None or int(line.split()[column]) in UIDS:
                yield f"System V {kind} {line.split()[1]}"


def _keys() -> Iterator[str]:
    with contextlib.suppress(FileNotFoundError):
        for line in Path("/proc/key-users").read_text().splitlines():
            uid, _, counts = line.partition(":")
            if int(uid) in UIDS:
                yield f"keys of user {uid}: {counts.split()[1]}"


def _sockets(token: str) -> Iterator[str]:
    for name in ("tcp", "tcp6", "udp", "udp6", "raw"):
        with contextlib.suppress(FileNotFoundError):
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
                fields = line.split()
                if int(fields[7]) in UIDS:
                    yield f"{name} socket {fields[1]} of user {fields[7]}"
    yield from (f"unix socket {name}" for name in _abstract_names(os.getpid()) if token in name)


def _abstract_names(pid: int) -> set[str]:
    lines = Path(f"/proc/{pid}/net/unix").read_text(errors="replace").splitlines()[1:]
    return {fields[7] for fields in map(str.split, lines) if len(fields) > 7 and fields[7].startswith("@")}


def _containers() -> Iterator[str]:
    """Containers whose owner is gone."""
    try:
        client = docker_host.connect()
    except SandboxUnavailable:
        return
    with contextlib.closing(client):
        labels = [f"{docker.MACHINE_LABEL}={socket.gethostname()}", docker.OWNER_LABEL]
        for found in client.api.containers(all=True, filters={"label": labels}):
            folder = Path(found["Labels"][docker.OWNER_LABEL])
            if folder.parent == lease.leases_folder() and not folder.exists():
                with contextlib.suppress(APIError):  # it may just be going
                    client.api.inspect_container(found["Id"])
                    yield f"container {found['Names'][0]} without a lease"
