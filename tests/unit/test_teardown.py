"""Each kind of trace of a sandbox is found, on a made-up /proc, and nobody else's is taken for one."""

import os
from pathlib import Path

import pytest

from grader.sandbox import teardown
from grader.sandbox.cgroup import CONTROLLERS, Cgroup

UID, OTHER = 60123, 60124
IPC_HEAD = "key shmid perms size cpid lpid nattch uid gid cuid cgid\n"


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc in which nothing is left of the sandbox, but some of another."""
    folder = tmp_path / "proc"
    for name in ("self", "sysvipc", "7"):
        (folder / name).mkdir(parents=True)
    (folder / "self" / "mountinfo").write_text("20 1 0:1 / /proc rw - proc proc rw\n")
    (folder / "7" / "status").write_text(status(OTHER))
    for kind in teardown.SYSTEM_V:
        (folder / "sysvipc" / kind).write_text(f"{IPC_HEAD}5 1 600 1 1 1 0 {OTHER} 0 {OTHER} 0\n")
    (folder / "key-users").write_text(f"{OTHER}: 3 3/3 3/200 48/20000\n{UID}: 1 0/0 0/200 0/20000\n")
    return folder


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    folder = tmp_path / "leases" / "sandbox"
    folder.mkdir(parents=True)
    return folder


def status(uid: int, state: str = "S (sleeping)") -> str:
    return f"Name:\tpython3\nState:\t{state}\nTgid:\t7\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t1\n"


def found(proc: Path, lease: Path, version: int = 1) -> list[str]:
    group = Cgroup(version, dict.fromkeys(CONTROLLERS, lease.parent / "group"))
    return list(teardown.traces(lease, UID, group, proc))


def test_nothing_left_is_nothing_found(proc: Path, lease: Path):
    assert found(proc, lease) == []


def test_a_process_that_ended_and_waits_to_be_noticed_is_none(proc: Path, lease: Path):
    (proc / "7" / "status").write_text(status(UID, "Z (zombie)"))
    assert found(proc, lease) == []


@pytest.mark.parametrize("version", [1, 2])
def test_a_control_group(proc: Path, lease: Path, version: int):
    (lease.parent / "group").mkdir()
    assert found(proc, lease, version) == [f"the control group {lease.parent}/group"]


def test_a_process(proc: Path, lease: Path):
    (proc / "7" / "status").write_text(status(UID))
    assert found(proc, lease) == ["the process 7"]


def test_a_mount(proc: Path, lease: Path):
    with (proc / "self" / "mountinfo").open("a") as table:
        table.write(f"21 1 0:2 {lease}/etc /somewhere ro - ext4 /dev/vda rw\n")
    assert found(proc, lease) == ["the mount /somewhere"]


@pytest.mark.parametrize("kind", teardown.SYSTEM_V)
def test_system_v_objects(proc: Path, lease: Path, kind: str):
    with (proc / "sysvipc" / kind).open("a") as table:
        table.write(f"77 1 600 1 1 1 0 {OTHER} 0 {UID} 0\n")
    assert found(proc, lease) == [f"a System V object ({kind}) 77"]


def test_keys(proc: Path, lease: Path):
    (proc / "key-users").write_text(f"{UID}: 2 1/1 1/200 16/20000\n")
    assert found(proc, lease) == [f"keys in the kernel's keyring ({UID}: 2 1/1 1/200 16/20000)"]


def test_the_real_proc_can_be_read(lease: Path):
    if os.geteuid() == 0:
        assert found(Path("/proc"), lease) == []
