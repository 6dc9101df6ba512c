"""Closing leaves nothing behind, whatever runs inside; dead graders are cleared up after."""

import dataclasses
import re
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from grader.errors import SandboxError
from grader.sandbox import contents
from grader.sandbox.cgroup import Cgroup
from grader.sandbox.interface import Backend, Sandbox
from tests.contract.probes import PRELUDE, SMALL, descriptors, exists, hear, running

STUBBORN = {
    "an obedient program": "tell('ready')",
    "children that ignore signals and have sessions of their own": """
        for number in range(1, 32):
            if number not in (signal.SIGKILL, signal.SIGSTOP):
                signal.signal(number, signal.SIG_IGN)
        for _ in range(5):
            if os.fork() == 0:
                os.setsid()
                if os.fork():
                    os._exit(0)
                while True:
                    signal.pause()
        tell("ready")
        while True:
            signal.pause()
        """,
    "a fork bomb": """
        tell("ready")
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """,
    "a full disk": """
        try:
            with open("/submission/big", "wb", buffering=0) as file:
                while True:
                    file.write(bytes(65536))
        except OSError:
            tell("ready")
        """,
}


class Traces:
    """What a running sandbox leaves on the host."""

    def __init__(self, sandbox: Sandbox):
        self.cgroup = Cgroup.of_process(sandbox.pid)
        self.processes = [sandbox.pid, *self.cgroup.members()]
        self.leases = {str(sandbox._lease.folder)}  # others may be alive beside this one

    def left(self) -> list[str]:
        """Describe what is still there."""
        mounts = Path("/proc/self/mounts").read_text()
        return [
            *(f"process {pid}" for pid in self.processes if exists(pid)),
            *(str(folder) for folder in self.cgroup.folders.values() if folder.exists()),
            *(folder for folder in self.leases if Path(folder).exists() or folder in mounts),
        ]


def settled_descriptors(backend: Backend) -> int:
    """How many descriptors are open once all that is kept (connections to the engine) has been opened."""
    count = -1
    while count != (count := len(descriptors())):
        with running(backend, "tell('warm')") as sandbox:
            hear(sandbox)
    return count


@pytest.mark.parametrize("code", STUBBORN.values(), ids=STUBBORN.keys())
def test_closing_leaves_nothing_behind(backend: Backend, code: str):
    before = settled_descriptors(backend)
    with running(backend, code) as sandbox:
        assert hear(sandbox) == "ready"
        traces = Traces(sandbox)
        assert len(traces.left()) >= 3
    assert traces.left() == []
    assert len(descriptors()) <= before
    assert not sandbox.alive()
    sandbox.close()  # once more changes nothing


def test_a_trace_that_stays_is_an_error_and_keeps_the_lease(backend: Backend):
    with running(backend, "tell('ready')") as sandbox:
        assert hear(sandbox) == "ready"
        folder = sandbox._lease.folder
        (folder / "stranger").touch()
        with pytest.raises(SandboxError, match="stranger"):
            sandbox.close()
        assert folder.exists()
        (folder / "stranger").unlink()
    assert not folder.exists()


def test_every_sandbox_has_a_user_of_its_own(backend: Backend):
    with running(backend, "tell(os.getuid())") as first, running(backend, "tell(os.getuid())") as second:
        assert hear(first) != hear(second)


def test_a_failed_launch_leaves_nothing_behind(backend: Backend):
    before = len(descriptors())
    limits = dataclasses.replace(SMALL, submission_bytes=-1)
    with pytest.raises(SandboxError):
        backend.launch(limits, ["-c", PRELUDE])
    assert len(descriptors()) <= before


def test_sandboxes_are_independent(backend: Backend):
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(
            lambda _: backend.launch(SMALL, ["-c", PRELUDE + "tell(1); wait()"]), range(2)
        )
    try:  # the threads that launched them have ended
        assert {hear(first), hear(second)} == {1}
        assert first.pid != second.pid
        first.close()
        assert second.alive()
    finally:
        first.close()
        second.close()


def test_a_sandbox_outlives_the_thread_that_launched_it(backend: Backend):
    launched: list[Sandbox] = []
    code = PRELUDE + "wait(); tell('still here'); wait()"
    thread = threading.Thread(target=lambda: launched.append(backend.launch(SMALL, ["-c", code])))
    thread.start()
    thread.join()
    (sandbox,) = launched
    try:
        sandbox.control.sendall(b".")
        assert hear(sandbox) == "still here"
    finally:
        sandbox.close()


@pytest.mark.usefixtures("only_our_leftovers")
def test_what_a_killed_grader_left_is_removed_and_nothing_else(backend: Backend):
    grader = textwrap.dedent(
        f"""
        import signal
        from grader.sandbox.selection import backends
        from grader.settings import load_settings
        from tests.contract.probes import PRELUDE, SMALL
        (backend,) = (b for b in backends(load_settings()) if b.name == {backend.name!r})
        backend.prepare()
        sandbox = backend.launch(SMALL, ["-c", PRELUDE + "signal.pause()"])
        print(sandbox.pid, flush=True)
        signal.pause()
        """
    )
    with running(backend, "tell('alive')") as ours:
        dying = subprocess.Popen([sys.executable, "-c", grader], cwd=contents.PROJECT, stdout=subprocess.PIPE)
        assert dying.stdout is not None
        with dying, dying.stdout:
            pid = int(dying.stdout.readline())
            group = Cgroup.of_process(pid)
            dying.send_signal(signal.SIGKILL)
        removed = backend.remove_leftovers()
        assert removed
        assert not exists(pid)
        assert not any(folder.exists() for folder in group.folders.values())
        assert ours.alive()
        assert hear(ours) == "alive"


def test_the_digest_names_what_runs(backend: Backend):
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", backend.digest())
    assert backend.digest() == backend.digest()
    assert backend.prepared().ok


def test_no_container_is_left(backend: Backend):
    if backend.name == "docker":
        with running(backend, "") as sandbox:
            (folder,) = Traces(sandbox).leases
            client = docker.from_env()
            label = {"label": f"grader.sandbox={folder}"}
            assert len(client.containers.list(filters=label)) == 1
            sandbox.close()
            assert client.containers.list(all=True, filters=label) == []
            client.close()
