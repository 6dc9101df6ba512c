"""A sandbox that is not as closed as it should be is found out by what the kernel says of its first process.

That a real one passes is shown by every contract test of the sandboxes.
"""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import SandboxError, SandboxUnavailable
from grader.sandbox import mount_table, verification
from grader.sandbox.interface import Limits

UID = 60123
CLOSED = {
    "State": "S (sleeping)",
    "Uid": f"{UID}\t{UID}\t{UID}\t{UID}",
    "Gid": f"{UID}\t{UID}\t{UID}\t{UID}",
    "Groups": "",
    "NSpid": "4711\t1",
    **dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), "0" * 16),
    "NoNewPrivs": "1",
    "Seccomp": "2",
    "Seccomp_filters": "2",
}


@pytest.fixture
def open_process() -> Iterator[int]:
    """A process with nothing around it, but a file and a socket of ours in its hands."""
    with Path(__file__).open() as file, socket.socket() as listener:
        inherited = (file.fileno(), listener.fileno())
        with subprocess.Popen(["sleep", "600"], pass_fds=inherited, stdin=subprocess.DEVNULL) as process:
            yield process.pid
            process.kill()


def check(pid: int) -> None:
    verification.check_process(pid, UID, Limits(), {"/"}, inherited_filters=1)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"NoNewPrivs": "0"}, "without no-new-privileges"),
        ({"Seccomp": "0"}, "without the seccomp filter"),
        ({"Seccomp_filters": "1"}, "the grader's own seccomp filter only"),
        *(
            ({name: f"{1 << 21:016x}"}, f"dropping capabilities .{name}")
            for name in CLOSED
            if name[:3] == "Cap"
        ),
        ({"Uid": f"{UID}\t0\t{UID}\t{UID}"}, "runs with Uid"),
        ({"Gid": "0\t0\t0\t0"}, "runs with Gid"),
        ({"Groups": "0"}, "in the groups 0"),
        ({"NSpid": "4711"}, "process namespace"),
        ({"NSpid": "4711\t7"}, "process namespace"),
    ],
    ids=str,
)
def test_a_privilege_that_is_left_is_named(
    open_process: int, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], complaint: str
):
    monkeypatch.setattr(verification, "_status", lambda pid: CLOSED | changes)
    with pytest.raises(SandboxUnavailable, match=complaint):
        check(open_process)


def test_a_namespace_that_is_shared_is_named(open_process: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(verification, "_status", lambda pid: CLOSED)
    with pytest.raises(SandboxUnavailable, match="shares the host's mnt namespace"):
        check(open_process)


def test_a_file_of_ours_in_its_hands_is_named(open_process: int):
    with pytest.raises(SandboxUnavailable, match="inherits a descriptor of"):
        verification._check_descriptors(open_process, set(), None)


def test_a_socket_of_ours_in_its_hands_is_named(open_process: int):
    every_mount = {mount.number for mount in mount_table.mounts_of(os.getpid())}
    with pytest.raises(SandboxUnavailable, match="inherits a descriptor of socket"):
        verification._check_descriptors(open_process, every_mount, None)


def test_a_limit_that_is_not_set_is_named(open_process: int):
    with pytest.raises(SandboxUnavailable, match="The limit "):
        verification._check_resource_limits(open_process, Limits())


def test_a_process_that_has_ended_is_our_failure_and_no_missing_layer():
    with subprocess.Popen(["true"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(SandboxError, match="ended as soon as it was started"):
            check(process.pid)
