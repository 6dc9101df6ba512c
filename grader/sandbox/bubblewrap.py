"""Sandboxes made with bubblewrap, for hosts without a container engine.

Theory of operation. A launch leases a user id nobody else has, makes a control group, and runs
`bubblewrap_stage`, which joins the group, prepares the mounts as root, gives root up and
becomes `bwrap`. bwrap makes every namespace, loads the seccomp filter and becomes the program
as process 1, with one end of a socket pair. The launch returns when the kernel shows process 1
with all layers in place. Everything hangs on the control group: killing its members ends
processes, namespaces and mounts together.

bwrap is told to die with its parent, which the kernel reads as the thread that started it; so
one long-lived thread starts them all.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from grader.errors import SandboxError, SandboxUnavailable
from grader.sandbox import (
    bubblewrap_host,
    bubblewrap_root,
    bubblewrap_stage,
    cgroup,
    contents,
    lease,
    seccomp,
    verification,
)
from grader.sandbox.bubblewrap_root import Root
from grader.sandbox.cgroup import Cgroup
from grader.sandbox.interface import HOST_PROGRAM, Finding, Limits, Progress, Usage, silent

UIDS = range(60001, 61000)
START_TIMEOUT_S = 60.0
STAGE = bubblewrap_stage.STAGE
CPU_LIST = "/sys/devices/system/cpu"  # torch reads there what the processor can do


class BubblewrapSandbox:
    """One running bwrap and what is inside; see `Sandbox` for the contract."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        pid: int,
        control: socket.socket,
        group: Cgroup,
        owned: lease.Lease,
    ):
        self.control = control
        self.pid = pid
        self._process = process
        self._cgroup = group
        self._lease = owned
        self._closed = False

    def usage(self) -> Usage:
        """See `Sandbox.usage`."""
        if self._closed:
            raise SandboxError("The sandbox is closed.")
        return self._cgroup.usage()

    def pin(self, core: int | None) -> None:
        """See `Sandbox.pin`."""
        try:
            self._cgroup.pin(core)
        except OSError as error:
            raise SandboxError(f"The sandbox could not be pinned to core {core}: {error}") from error

    def alive(self) -> bool:
        """See `Sandbox.alive`."""
        return not self._closed and self._process.poll() is None

    def close(self) -> None:
        """See `Sandbox.close`."""
        if self._closed:
            return
        self.control.close()
        _end(self._process, self._cgroup)
        self._lease.release()
        self._closed = True


class BubblewrapBackend:
    """Launches bwrap on a root made here; see `Backend` for the contract.

    `data_dir` keeps the wheelhouse and the root.
    """

    name = "bubblewrap"

    def __init__(self, data_dir: Path):
        self._root = Root(data_dir.absolute())

    def findings(self) -> list[Finding]:
        """See `Backend.findings`."""
        return bubblewrap_host.findings()

    def prepared(self) -> Finding:
        """See `Backend.prepared`."""
        if self._root.is_built():
            return Finding("packages for student code", True, self.digest())
        return Finding("packages for student code", False, "not installed yet", "make setup")

    def prepare(self, progress: Progress = silent) -> None:
        """See `Backend.prepare`."""
        for finding in bubblewrap_host.findings():
            if not finding.ok:
                raise SandboxUnavailable(f"{finding.need}: {finding.detail}.", finding.fix)
        self.remove_leftovers()
        self._root.build(progress)

    def digest(self) -> str:
        """See `Backend.digest`."""
        return self._root.digest()

    def launch(self, limits: Limits, program: Sequence[str] = HOST_PROGRAM) -> BubblewrapSandbox:
        """See `Backend.launch`."""
        if os.geteuid() != 0:
            raise SandboxUnavailable(
                "bubblewrap sandboxes need root, for control groups.", bubblewrap_host.ROOT_FIX
            )
        if not self._root.is_built():
            raise SandboxUnavailable("The packages for student code are not installed yet.", "make setup")
        with contextlib.ExitStack() as undo:
            owned = lease.take(map(str, UIDS))
            undo.callback(owned.release)
            uid = int(owned.name)
            group = Cgroup.create(owned.name, limits)
            undo.callback(group.destroy)
            control, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            undo.callback(control.close)
            with inner:
                process, started = self._start(limits, program, owned, group, inner)
            undo.callback(_end, process, group)
            pid = _wait_for_program(process, started, uid)
            verification.check_process(pid, uid, limits)
            undo.pop_all()
        return BubblewrapSandbox(process, pid, control, group, owned)

    def remove_leftovers(self) -> list[str]:
        """End the sandboxes of dead graders; return what was removed."""
        removed = []
        for gone in lease.take_over_dead(""):
            if gone.name.isdigit():
                Cgroup.named(gone.name).destroy()
                removed.append(f"sandbox of user {gone.name}")
                gone.release()
        return removed

    def _start(
        self, limits: Limits, program: Sequence[str], owned: lease.Lease, group: Cgroup, inner: socket.socket
    ) -> tuple[subprocess.Popen[bytes], int]:
        """Start the stage; return its process and the descriptor where bwrap will name process 1."""
        etc = owned.folder / "etc"
        etc.mkdir(mode=0o755)
        bubblewrap_root.write_etc(etc, int(owned.name))
        info_out, info_in = os.pipe()
        with contextlib.ExitStack() as closing:
            closing.callback(os.close, info_in)
            bpf = _memory_file("seccomp", seccomp.compiled_profile())
            closing.callback(os.close, bpf)
            command = self._command(program, limits, int(owned.name), bpf, info_in, inner.fileno())
            plan_text = json.dumps(self._plan(limits, command, etc, int(owned.name), group))
            plan = _memory_file("plan", plan_text.encode())
            closing.callback(os.close, plan)
            process = _starter.submit(
                subprocess.Popen,
                [str(bubblewrap_root.python()), "-I", "-S", bubblewrap_stage.__file__, str(plan)],
                cwd="/",
                env={},
                umask=0o022,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(plan, bpf, info_in, inner.fileno()),
            ).result()
        return process, info_out

    def _plan(self, limits: Limits, command: list[str], etc: Path, uid: int, group: Cgroup) -> dict[str, Any]:
        folders = {
            "etc": etc,
            "site-packages": self._root.packages,
            "host": self._root.host,
        }
        folders |= {_stage_name(folder): Path(folder) for folder in bubblewrap_root.host_folders()}
        mounts = contents.writable_mounts(limits, uid)
        return {
            "cgroups": sorted({str(folder / "cgroup.procs") for folder in group.folders.values()}),
            "uid": uid,
            "folders": {name: str(folder) for name, folder in folders.items()},
            "file_systems": {_stage_name(place): options for place, options in mounts.items()},
            "resource_limits": {"nofile": limits.open_files, "core": 0, "memlock": 0, "msgqueue": 0},
            "command": command,
        }

    def _command(
        self, program: Sequence[str], limits: Limits, uid: int, bpf: int, info: int, inner: int
    ) -> list[str]:
        bwrap = shutil.which("bwrap")
        if bwrap is None:
            raise SandboxUnavailable("bubblewrap is not installed.", bubblewrap_host.BWRAP_FIX)
        command = [
            *(bwrap, "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
            *("--unshare-cgroup", "--disable-userns", "--hostname", "sandbox"),
            *("--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"),
        ]
        for name, value in contents.ENVIRONMENT.items():
            command += ["--setenv", name, value]
        for folder in bubblewrap_root.host_folders():
            command += ["--ro-bind", str(STAGE / _stage_name(folder)), folder]
        for folder in bubblewrap_root.hidden_packages():
            command += ["--tmpfs", folder, "--remount-ro", folder]
        for link in bubblewrap_root.links():
            command += ["--symlink", str(Path(link).readlink()), link]
        command += ["--ro-bind", str(STAGE / "etc"), "/etc"]
        command += ["--ro-bind", str(STAGE / "site-packages"), contents.SITE_PACKAGES]
        command += ["--ro-bind", str(STAGE / "host"), contents.HOST_FILES]
        command += [
            "--ro-bind",
            CPU_LIST,
            CPU_LIST,
            "--proc",
            "/proc",
            "--dev",
            "/dev",
            "--remount-ro",
            "/dev",
        ]
        for masked in contents.MASKED:
            if Path(masked).is_file():
                command += ["--ro-bind", "/dev/null", masked]
            elif Path(masked).is_dir():
                command += ["--tmpfs", masked, "--remount-ro", masked]
        for place in contents.writable_mounts(limits, uid):
            command += ["--bind", str(STAGE / _stage_name(place)), place]
        command += ["--remount-ro", "/", "--chdir", contents.SUBMISSION]
        command += ["--seccomp", str(bpf), "--info-fd", str(info), "--"]
        return [
            *(*command, str(bubblewrap_root.python()), *contents.PYTHON_FLAGS, *program),
            *("--fd", str(inner)),
        ]


def _stage_name(place: str) -> str:
    return place.strip("/").replace("/", "-")


def _memory_file(name: str, content: bytes) -> int:
    """Return a descriptor of a file in memory, at its start."""
    descriptor = os.memfd_create(name)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _wait_for_program(process: subprocess.Popen[bytes], started: int, uid: int) -> int:
    """Wait until process 1 runs the program, all layers in place; return its id on the host."""
    deadline = time.monotonic() + START_TIMEOUT_S
    with open(started, encoding="utf-8") as info:
        ready, _, _ = select.select([info], [], [], START_TIMEOUT_S)
        text = info.read() if ready else ""
    if text:
        pid = int(json.loads(text)["child-pid"])
        bwrap = Path(shutil.which("bwrap") or "bwrap").resolve()
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if Path(f"/proc/{pid}/exe").readlink() != bwrap:
                    return pid
            time.sleep(0.001)
    process.kill()
    process.wait()
    raise SandboxError(f"bubblewrap could not start the program:\n{_complaints(process)}")


def _complaints(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    return (process.stderr.read() or b"").decode(errors="replace").strip()[-2000:]


def _end(process: subprocess.Popen[bytes], group: Cgroup) -> None:
    """Kill every process, reap ours, and remove the control group."""
    group.destroy()
    process.wait(timeout=cgroup.KILL_TIMEOUT_S)
    if process.stderr is not None:
        process.stderr.close()


def _new_starter() -> None:
    global _starter
    _starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-starter")


_starter: ThreadPoolExecutor
_new_starter()
os.register_at_fork(after_in_child=_new_starter)  # a thread doesn't survive a fork
