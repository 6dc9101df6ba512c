"""Control groups: what a sandbox may use and what it has used, in versions 1 and 2.

Theory of operation. The kernel shows control groups as folders: one tree per controller in
version 1, one tree for all in version 2. A `Cgroup` is one group with the folder of each
controller. bubblewrap's groups are created here; Docker's are found by the container's
process 1 and only read. Every limit is read back after it was set: a kernel without a
controller, or an engine that ignored a limit with a warning, must not go unnoticed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from grader.errors import SandboxError, SandboxUnavailable
from grader.sandbox.interface import Finding, Limits, Usage

CONTROLLERS = ("cpu", "cpuacct", "cpuset", "memory", "pids")
PARENT = "grader-sandboxes"
# By default all sandboxes together weigh as much as one other process of the host, so a busy host
# would starve them, and too much weight would starve the processes that test them.
PARENT_WEIGHT = 4
CPU_PERIOD_US = 100_000
KILL_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Hierarchy:
    """Where this host mounts control groups: the version, and each controller's mount point."""

    version: int
    mounts: dict[str, Path]

    def missing(self) -> list[str]:
        """Return the controllers that a sandbox needs and this host doesn't offer."""
        return [controller for controller in CONTROLLERS if controller not in self.mounts]


def hierarchy() -> Hierarchy:
    """Read the mount table. Controllers that aren't mounted are absent, not an error."""
    mounts: dict[str, Path] = {}
    unified: Path | None = None
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, mount_point, kind, options, *_ = line.split(" ")
        if kind == "cgroup":
            mounts |= {name: Path(mount_point) for name in options.split(",") if name in CONTROLLERS}
        elif kind == "cgroup2" and unified is None:
            unified = Path(mount_point)
    if mounts or unified is None:
        return Hierarchy(1, mounts)
    offered = set((unified / "cgroup.controllers").read_text().split())
    if "cpu" in offered:
        offered.add("cpuacct")  # version 2 accounts for CPU time in its cpu controller
    return Hierarchy(2, {name: unified for name in CONTROLLERS if name in offered})


class Cgroup:
    """One control group: its version and the folder of each controller."""

    def __init__(self, version: int, folders: dict[str, Path]):
        self.version = version
        self.folders = folders

    @classmethod
    def of_process(cls, pid: int) -> Cgroup:
        """Return the group that a process is in; SandboxUnavailable if a controller is missing."""
        host = hierarchy()
        _require_controllers(host)
        paths: dict[str, str] = {}
        for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
            _, names, path = line.split(":", 2)
            paths |= dict.fromkeys(names.split(",") if host.version == 1 else CONTROLLERS, path)
        return cls(host.version, {name: host.mounts[name] / paths[name].lstrip("/") for name in CONTROLLERS})

    @classmethod
    def create(cls, name: str, limits: Limits) -> Cgroup:
        """Create an empty group with these limits; needs root.

        A group of that name is a dead grader's: whatever is in it is killed first.
        Raises SandboxUnavailable if the kernel lacks a controller or a limit doesn't hold.
        """
        host = hierarchy()
        _require_controllers(host)
        group = cls.named(name)
        group.destroy()
        try:
            _create_parents(host)
            for folder in set(group.folders.values()):
                folder.mkdir()
            group._limit(limits)
            group.check(limits)
        except OSError as error:
            group.destroy()
            raise SandboxUnavailable(
                f"Control groups can't be made: {error}.",
                "run the grader as root on a host (or in a container) whose /sys/fs/cgroup is writable",
            ) from error
        return group

    @classmethod
    def named(cls, name: str) -> Cgroup:
        """Return the group that `create` makes under this name, whether or not it exists."""
        host = hierarchy()
        return cls(host.version, {key: mount / PARENT / name for key, mount in host.mounts.items()})

    def members(self) -> list[int]:
        """Return the process ids inside, none if the group is gone."""
        with contextlib.suppress(FileNotFoundError, OSError):
            return [int(pid) for pid in (self.folders["pids"] / "cgroup.procs").read_text().split()]
        return []

    def usage(self) -> Usage:
        """Return the kernel's accounting; FileNotFoundError or OSError if the group is gone."""
        pids_refused = self._field("pids", "pids.events", "max")
        if self.version == 1:
            return Usage(
                cpu_s=int(self._read("cpuacct", "cpuacct.usage")) / 1e9,
                memory_bytes=int(self._read("memory", "memory.max_usage_in_bytes")),
                oom_kills=self._field("memory", "memory.oom_control", "oom_kill"),
                pids_refused=pids_refused,
            )
        peak = self.folders["memory"] / "memory.peak"  # since Linux 5.19
        return Usage(
            cpu_s=self._field("cpu", "cpu.stat", "usage_usec") / 1e6,
            memory_bytes=int(self._read("memory", peak.name if peak.exists() else "memory.current")),
            oom_kills=self._field("memory", "memory.events", "oom_kill"),
            pids_refused=pids_refused,
        )

    def pin(self, core: int | None) -> None:
        """Confine the group to one core, or to all that the host gives for None; needs root."""
        cores = host_cores() if core is None else str(core)
        self._write("cpuset", "cpuset.cpus", cores)

    def cores(self) -> str:
        """Return the cores that the group may use, as the kernel writes them ("0-1")."""
        if self.version == 1:
            return self._read("cpuset", "cpuset.cpus")
        return self._read("cpuset", "cpuset.cpus.effective")

    def check(self, limits: Limits) -> None:
        """Read the limits back; SandboxUnavailable names the first that doesn't hold."""
        page = os.sysconf("SC_PAGE_SIZE")
        memory = limits.memory_bytes // page * page
        expected: list[tuple[str, str, str]]
        quota = round(limits.cpus * CPU_PERIOD_US)
        if self.version == 1:
            expected = [
                ("memory", "memory.limit_in_bytes", str(memory)),
                ("memory", "memory.memsw.limit_in_bytes", str(memory)),
                ("cpu", "cpu.cfs_quota_us", str(quota)),
                ("cpu", "cpu.cfs_period_us", str(CPU_PERIOD_US)),
            ]
        else:
            expected = [
                ("memory", "memory.max", str(memory)),
                ("memory", "memory.swap.max", "0"),
                ("cpu", "cpu.max", f"{quota} {CPU_PERIOD_US}"),
            ]
        for controller, file, value in [*expected, ("pids", "pids.max", str(limits.pids))]:
            if "sw" in file and not swap_matters(self.folders["memory"] / file):
                continue
            try:
                found = self._read(controller, file)
            except FileNotFoundError:
                found = "missing"
            if found != value:
                raise SandboxUnavailable(
                    f"The limit {file} is {found}, not {value}.", FIXES.get(file, CONTROLLER_FIX)
                )

    def destroy(self) -> None:
        """Kill every member, wait until they are gone, remove the group; idempotent.

        Raises SandboxError if something survives `KILL_TIMEOUT_S`.
        """
        deadline = time.monotonic() + KILL_TIMEOUT_S
        with contextlib.suppress(OSError):  # nothing can fork faster than it is killed
            self._write("pids", "pids.max", "0")
        left = set(self.folders.values())
        while left := {folder for folder in left if folder.exists()}:
            for pid in self.members():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for folder in left:
                with contextlib.suppress(OSError):  # busy until the last member is gone
                    folder.rmdir()
            if time.monotonic() > deadline:
                raise SandboxError(f"Could not remove the control group {sorted(left)[0]}.")
            time.sleep(0.002)

    def _limit(self, limits: Limits) -> None:
        quota = round(limits.cpus * CPU_PERIOD_US)
        swap = self.folders["memory"] / (
            "memory.memsw.limit_in_bytes" if self.version == 1 else "memory.swap.max"
        )
        if self.version == 1:
            for file in ("cpuset.mems", "cpuset.cpus"):  # empty at first, and then nothing may join
                self._write("cpuset", file, (self.folders["cpuset"].parent / file).read_text())
            self._write("memory", "memory.limit_in_bytes", str(limits.memory_bytes))
            self._write("cpu", "cpu.cfs_period_us", str(CPU_PERIOD_US))
            self._write("cpu", "cpu.cfs_quota_us", str(quota))
        else:
            self._write("memory", "memory.max", str(limits.memory_bytes))
            self._write("cpu", "cpu.max", f"{quota} {CPU_PERIOD_US}")
        if swap.exists():
            swap.write_text(str(limits.memory_bytes) if self.version == 1 else "0")
        self._write("pids", "pids.max", str(limits.pids))

    def _read(self, controller: str, file: str) -> str:
        return (self.folders[controller] / file).read_text().strip()

    def _write(self, controller: str, file: str, text: str) -> None:
        (self.folders[controller] / file).write_text(text.strip())

    def _field(self, controller: str, file: str, name: str) -> int:
        fields = dict(line.split() for line in self._read(controller, file).splitlines())
        return int(fields.get(name, 0))


CONTROLLER_FIX = (
    "boot with the kernel parameters cgroup_enable=memory cgroup_enable=cpuset, "
    "or enable the controllers for this machine's root control group"
)
SWAP_FIX = "boot with the kernel parameter swapaccount=1, or turn swap off: swapoff -a"
FIXES = {"memory.memsw.limit_in_bytes": SWAP_FIX, "memory.swap.max": SWAP_FIX}


def host_cores() -> str:
    """Return the cores that control groups may use on this host, as the kernel writes them."""
    host = hierarchy()
    folder = host.mounts["cpuset"]
    return (folder / ("cpuset.cpus" if host.version == 1 else "cpuset.cpus.effective")).read_text().strip()


def findings() -> list[Finding]:
    """Check the controllers and swap accounting that every backend needs."""
    host = hierarchy()
    missing = host.missing()
    found = [
        Finding(
            "control groups",
            not missing,
            f"version {host.version}, " + (f"without {', '.join(missing)}" if missing else "all controllers"),
            CONTROLLER_FIX if missing else "",
        )
    ]
    if host.version == 1 and "memory" in host.mounts:
        accounted = (host.mounts["memory"] / "memory.memsw.limit_in_bytes").exists()
        swapless = not _has_swap()
        detail = (
            "accounted for" if accounted else "this machine has none" if swapless else "not accounted for"
        )
        found.append(
            Finding("swap", accounted or swapless, detail, "" if accounted or swapless else SWAP_FIX)
        )
    return found


def swap_matters(limit_file: Path) -> bool:
    """Whether a swap limit must hold: a host without swap doesn't need the kernel's accounting."""
    return limit_file.exists() or _has_swap()


def _has_swap() -> bool:
    return len(Path("/proc/swaps").read_text().splitlines()) > 1


def _require_controllers(host: Hierarchy) -> None:
    if host.missing():
        raise SandboxUnavailable(
            f"Control group controllers are missing: {', '.join(host.missing())}.", CONTROLLER_FIX
        )


def _create_parents(host: Hierarchy) -> None:
    for mount in set(host.mounts.values()):
        parent = mount / PARENT
        parent.mkdir(exist_ok=True)
        if host.version == 2:
            enable = " ".join(f"+{name}" for name in CONTROLLERS if name != "cpuacct")
            for folder in (mount, parent):
                (folder / "cgroup.subtree_control").write_text(enable)
            (parent / "cpu.weight").write_text(str(PARENT_WEIGHT * 100))
    if host.version == 1:
        (host.mounts["cpu"] / PARENT / "cpu.shares").write_text(str(PARENT_WEIGHT * 1024))
        for file in ("cpuset.mems", "cpuset.cpus"):
            text = (host.mounts["cpuset"] / file).read_text()
            (host.mounts["cpuset"] / PARENT / file).write_text(text.strip())
