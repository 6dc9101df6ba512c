"""Control groups, on this machine's own and on files laid out as version 2 lays them out."""

import os
import subprocess
from pathlib import Path

import pytest

from grader.errors import SandboxUnavailable
from grader.sandbox import cgroup
from grader.sandbox.cgroup import CONTROLLERS, Cgroup
from grader.sandbox.interface import Limits, Usage

LIMITS = Limits(memory_bytes=64 * 1024**2, pids=7, cpus=0.5)
NAME = f"test-{os.getpid()}"


def can_make_groups() -> bool:
    mounts = cgroup.hierarchy().mounts
    return os.geteuid() == 0 and not cgroup.hierarchy().missing() and os.access(mounts["pids"], os.W_OK)


needs_root = pytest.mark.skipif(not can_make_groups(), reason="needs root and writable control groups")


@pytest.fixture
def unified(tmp_path: Path) -> Cgroup:
    """A group as version 2 shows it, with the limits above in place."""
    files = {
        "cpu.max": "50000 100000\n",
        "cpu.stat": "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n",
        "cpuset.cpus": "\n",
        "cpuset.cpus.effective": "0-3\n",
        "memory.events": "low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\n",
        "memory.max": f"{LIMITS.memory_bytes}\n",
        "memory.peak": "1048576\n",
        "memory.swap.max": "0\n",
        "pids.events": "max 3\n",
        "pids.max": "7\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return Cgroup(2, dict.fromkeys(CONTROLLERS, tmp_path))


def test_version_2_usage(unified: Cgroup):
    assert unified.usage() == Usage(cpu_s=2.5, memory_bytes=1048576, oom_kills=1, pids_refused=3)


def test_version_2_usage_on_a_kernel_without_peak(unified: Cgroup, tmp_path: Path):
    (tmp_path / "memory.peak").rename(tmp_path / "memory.current")
    assert unified.usage().memory_bytes == 1048576


def test_version_2_pinning(unified: Cgroup, tmp_path: Path):
    unified.pin(2)
    assert (tmp_path / "cpuset.cpus").read_text() == "2"
    assert unified.cores() == "0-3"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("memory.max", "max"),
        ("memory.swap.max", "max"),
        ("cpu.max", "max 100000"),
        ("pids.max", "max"),
        ("pids.max", "8"),
    ],
)
def test_a_limit_that_does_not_hold_is_named(unified: Cgroup, tmp_path: Path, file: str, text: str):
    unified.check(LIMITS)
    (tmp_path / file).write_text(text)
    with pytest.raises(SandboxUnavailable, match=file):
        unified.check(LIMITS)


def test_a_missing_controller_is_named(unified: Cgroup, tmp_path: Path):
    (tmp_path / "pids.max").unlink()
    with pytest.raises(SandboxUnavailable, match=r"pids\.max is missing"):
        unified.check(LIMITS)


@needs_root
def test_a_group_is_made_used_and_removed():
    group = Cgroup.create(NAME, LIMITS)
    try:
        with subprocess.Popen(["sleep", "600"]) as process:
            for folder in set(group.folders.values()):
                (folder / "cgroup.procs").write_text(str(process.pid))
            assert group.members() == [process.pid]
            assert Cgroup.of_process(process.pid).folders == group.folders
            group.pin(0)
            assert group.cores() == "0"
            assert os.sched_getaffinity(process.pid) == {0}
            group.pin(None)
            assert group.cores() == cgroup.host_cores()
            assert group.usage().oom_kills == 0
            group.destroy()
            assert process.wait() == -9
        assert not any(folder.exists() for folder in group.folders.values())
    finally:
        group.destroy()


@needs_root
def test_a_dead_graders_group_of_the_same_name_is_taken_over():
    with subprocess.Popen(["sleep", "600"]) as left_over:
        group = Cgroup.create(NAME, LIMITS)
        (group.folders["pids"] / "cgroup.procs").write_text(str(left_over.pid))
        again = Cgroup.create(NAME, LIMITS)
        try:
            assert left_over.wait() == -9
            assert again.members() == []
        finally:
            again.destroy()
