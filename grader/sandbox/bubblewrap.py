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

from grader.errors import SandboxError, SandboxUnavailable
from grader.sandbox import (
    bubblewrap_host,
    bubblewrap_root,
    bubblewrap_stage,
    cgroup,
    lease,
    seccomp,
    teardown,
    verification,
)
from grader.sandbox.bubblewrap_command import Descriptors, places, stage_plan
from grader.sandbox.bubblewrap_root import Root
from grader.sandbox.cgroup import Cgroup
from grader.sandbox.interface import HOST_PROGRAM, Finding, Limits, Progress, Usage, silent

UIDS = range(60001, 61000)
START_TIMEOUT_S = 60.0
LEASE_PREFIX = "bubblewrap-"


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
        teardown.release(self._lease, _uid(self._lease), self._cgroup)
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
            owned = lease.take(f"{LEASE_PREFIX}{uid}" for uid in UIDS)
            undo.callback(owned.release)
            uid = _uid(owned)
            group = Cgroup.create(owned.name, limits)
            undo.callback(group.destroy)
            control, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            undo.callback(control.close)
            with inner:
                control_inode = os.fstat(inner.fileno()).st_ino
                process, started = self._start(limits, program, owned, uid, inner)
            undo.callback(_end, process, group)
            pid = _wait_for_program(process, started)
            verification.check_process(
                pid,
                uid,
                limits,
                places(),
                own_user_namespace=True,
                inherited_filters=verification.filters_of(os.getpid()),
                control=control_inode,
            )
            undo.pop_all()
        return BubblewrapSandbox(process, pid, control, group, owned)

    def remove_leftovers(self) -> list[str]:
        """End the sandboxes of dead graders; return what was removed."""
        removed = []
        with lease.dead(LEASE_PREFIX) as taken_over:
            for gone in taken_over:
                group = Cgroup.named(gone.name)
                group.destroy()
                teardown.wait_until_gone(gone, _uid(gone), group)
                gone.release()
                removed.append(f"sandbox {gone.name}")
        return removed

    def _start(
        self, limits: Limits, program: Sequence[str], owned: lease.Lease, uid: int, inner: socket.socket
    ) -> tuple[subprocess.Popen[bytes], int]:
        """Start the stage; return its process and the descriptor where bwrap will name process 1."""
        etc = owned.folder / "etc"
        etc.mkdir()
        bubblewrap_root.write_etc(etc, uid)
        with contextlib.ExitStack() as closing, contextlib.ExitStack() as undo:
            info_out, info_in = os.pipe()
            undo.callback(os.close, info_out)
            closing.callback(os.close, info_in)
            bpf = _memory_file("seccomp", seccomp.compiled_profile())
            closing.callback(os.close, bpf)
            fds = Descriptors(seccomp=bpf, info=info_in, control=inner.fileno())
            plan = stage_plan(self._root, etc, Cgroup.named(owned.name), limits, uid, program, fds)
            plan_fd = _memory_file("plan", json.dumps(plan).encode())
            closing.callback(os.close, plan_fd)
            process = _starter.submit(
                subprocess.Popen,
                [str(bubblewrap_root.python()), "-I", "-S", bubblewrap_stage.__file__, str(plan_fd)],
                cwd="/",
                env={},
                umask=0o022,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(plan_fd, bpf, info_in, inner.fileno()),
            ).result()
            undo.pop_all()
        return process, info_out


def _uid(owned: lease.Lease) -> int:
    return int(owned.name.removeprefix(LEASE_PREFIX))


def _memory_file(name: str, content: bytes) -> int:
    """Return a descriptor of a file in memory, at its start."""
    descriptor = os.memfd_create(name)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _wait_for_program(process: subprocess.Popen[bytes], started: int) -> int:
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
