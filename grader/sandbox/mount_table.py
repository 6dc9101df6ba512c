"""The mount table of a running sandbox, and whether it is as closed as it should be."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from grader.errors import SandboxUnavailable
from grader.sandbox import contents
from grader.sandbox.interface import Limits

KERNELS = ("/proc", "/sys", "/dev")  # below them is the kernel's and the backend's own
DEVICES = {"/null", "/zero", "/full", "/random", "/urandom", "/tty"}
FIX = "run `grader doctor`, and remove what makes the engine mount more into every container"


@dataclass(frozen=True)
class Mount:
    """One line of /proc/PID/mountinfo: `root` is what is shown of the file system, `place` where."""

    number: int
    root: str
    place: str
    options: frozenset[str]
    kind: str
    file_system_options: frozenset[str]


def mounts_of(pid: int | str) -> list[Mount]:
    """Return the mounts that a process sees."""
    mounts = []
    for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        number, _, _, root, place, options, *_ = before.split(" ")
        kind, _, file_system_options = after.split(" ", 2)
        mounts.append(
            Mount(
                int(number),
                _unescaped(root),
                _unescaped(place),
                frozenset(options.split(",")),
                kind,
                frozenset(file_system_options.split(",")),
            )
        )
    return mounts


def check(mounts: Collection[Mount], places: Collection[str], limits: Limits) -> None:
    """Check that only the sized file systems can be written, that nothing runs or is a device there,
    that nothing else of the host is mounted, and that what is to be masked is.

    `places` are the mount points beside the sized file systems and what is below `KERNELS`.
    Raises SandboxUnavailable that names the first mount that is not as it should be.
    """
    sizes = {
        "/tmp": limits.tmp_bytes,
        "/dev/shm": limits.tmp_bytes,
        contents.SUBMISSION: limits.submission_bytes,
    }
    for mount in mounts:
        if mount.place in sizes:
            _check_writable(mount, sizes[mount.place])
        elif mount.place not in places and not _is_below(mount.place, KERNELS):
            raise SandboxUnavailable(f"The sandbox shows {mount.place}, which it should not.", FIX)
        elif "ro" not in mount.options and not _is_harmless(mount):
            raise SandboxUnavailable(f"In the sandbox {mount.place} is not read-only.", FIX)
    seen = {mount.place for mount in mounts}
    if missing := {"/", *sizes} - seen:
        raise SandboxUnavailable(f"The sandbox has no {sorted(missing)[0]} of its own.", FIX)
    shown = [mount.place for mount in mounts if mount.kind in ("proc", "sysfs")]
    for path in contents.masked_paths():
        if _is_below(path, shown) and path not in seen:
            raise SandboxUnavailable(f"In the sandbox {path} is not masked.", FIX)


def _check_writable(mount: Mount, size_bytes: int) -> None:
    sizes = [option for option in mount.file_system_options if option.startswith("size=")]
    kib = int(re.sub(r"\D", "", sizes[0])) if sizes else 0
    if mount.kind != "tmpfs" or not 0 < kib <= -(-size_bytes // 4096) * 4:
        raise SandboxUnavailable(f"In the sandbox {mount.place} is not limited to {size_bytes} bytes.", FIX)
    if missing := {"nosuid", "nodev", "noexec"} - mount.options:
        raise SandboxUnavailable(f"In the sandbox {mount.place} is not {sorted(missing)[0]}.", FIX)


def _is_harmless(mount: Mount) -> bool:
    """Whether a mount that isn't read-only offers nothing to write for a user who is not root."""
    if "nosuid" not in mount.options:
        return False
    if mount.kind in ("proc", "devpts", "mqueue"):
        return "noexec" in mount.options
    if mount.kind in ("devtmpfs", "tmpfs") and mount.root in DEVICES:
        return True
    return mount.kind == "tmpfs" and mount.place in ("/dev", "/sys/fs/cgroup")  # root's, by their mode


def _is_below(path: str, places: Collection[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
