"""Prove that nothing of a sandbox is left before its lease, and with it its user id, is free again.

Theory of operation. A sandbox's processes have a user id that only they have, are in one control group,
and hold its namespaces; all else (memory, mounts, sockets, queues) goes with the last of them. So the
kernel is asked for each kind of trace by that id and that group. What is still there after the time to
die is our failure: the lease stays held, and nobody gets the id.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from grader.errors import SandboxError
from grader.sandbox.cgroup import KILL_TIMEOUT_S, Cgroup
from grader.sandbox.lease import Lease

TICK_S = 0.005
LEASE_HOLDS = {"lock", "etc", "control"}
SYSTEM_V = ("shm", "sem", "msg")


def release(owned: Lease, uid: int, group: Cgroup) -> None:
    """Free the lease of a sandbox that was ended; SandboxError, and it stays held, if something is left."""
    wait_until_gone(owned, uid, group)
    if strange := _strangers(owned.folder):
        raise SandboxError(f"The sandbox {owned.name} was ended, but left {', '.join(strange)}.")
    owned.release()


def wait_until_gone(owned: Lease, uid: int, group: Cgroup) -> None:
    """Wait until no trace is left outside of the lease; SandboxError if one stays for too long."""
    deadline_s = time.monotonic() + KILL_TIMEOUT_S
    while left := next(traces(owned.folder, uid, group), ""):
        if time.monotonic() > deadline_s:
            raise SandboxError(f"The sandbox {owned.name} was ended, but left {left}.")
        time.sleep(TICK_S)


def traces(folder: Path, uid: int, group: Cgroup, proc: Path = Path("/proc")) -> Iterator[str]:
    """Yield what is still there of a sandbox, in words; each kind is looked for when it is asked for."""
    yield from (f"the control group {place}" for place in set(group.folders.values()) if place.exists())
    yield from (f"the process {pid}" for pid in _processes(uid, proc))
    table = (proc / "self" / "mountinfo").read_text()
    yield from (f"the mount {line.split(' ')[4]}" for line in table.splitlines() if str(folder) in line)
    for kind in SYSTEM_V:
        yield from (f"a System V object ({kind}) {row}" for row in _system_v(proc / "sysvipc" / kind, uid))
    yield from (f"keys in the kernel's keyring ({row})" for row in _keys(proc / "key-users", uid))


def _strangers(folder: Path) -> list[str]:
    """The files in a lease's folder that we did not put there."""
    control = folder / "control"
    found = [entry for entry in folder.iterdir() if entry.name not in LEASE_HOLDS]
    return [str(entry) for entry in (*found, *(control.iterdir() if control.exists() else ()))]


def _processes(uid: int, proc: Path) -> Iterator[str]:
    """The processes of a user; one that ended and only waits to be noticed is none."""
    for entry in proc.iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "status").read_text()
            except OSError:  # it ended meanwhile
                continue
            head, _, rest = status.partition("\nUid:")
            if str(uid) in rest.partition("\n")[0].split() and "\nState:\tZ" not in head:
                yield entry.name


def _system_v(table: Path, uid: int) -> Iterator[str]:
    if table.exists():  # a kernel without System V IPC has none
        names, *rows = (line.split() for line in table.read_text().splitlines())
        for row in rows:
            found = dict(zip(names, row, strict=False))
            if str(uid) in (found["uid"], found["cuid"]):
                yield found["key"]


def _keys(table: Path, uid: int) -> Iterator[str]:
    if table.exists():
        for line in table.read_text().splitlines():
            owner, _, counts = line.partition(":")
            if owner.strip() == str(uid) and not counts.split()[1].startswith("0/"):
                yield " ".join(line.split())
