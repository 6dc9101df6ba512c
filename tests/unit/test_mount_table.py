"""A mount table that is not as it should be is found out."""

import dataclasses
import os

import pytest

from grader.errors import SandboxUnavailable
from grader.sandbox import contents, mount_table
from grader.sandbox.interface import Limits
from grader.sandbox.mount_table import Mount

LIMITS = Limits()
PLACES = {"/", "/etc"}
TMPFS = frozenset({"rw", "nosuid", "nodev", "noexec", "relatime"})
READ_ONLY = frozenset({"ro", "nosuid", "nodev", "relatime"})


def sized(place: str, size_bytes: int) -> Mount:
    return Mount(1, "/", place, TMPFS, "tmpfs", frozenset({"rw", f"size={size_bytes // 1024}k"}))


CLOSED = [
    Mount(1, "/", "/", READ_ONLY, "overlay", frozenset()),
    Mount(2, "/lease/etc", "/etc", READ_ONLY, "ext4", frozenset({"rw"})),
    Mount(3, "/", "/proc", TMPFS, "proc", frozenset({"rw"})),
    *(Mount(4, "/null", path, READ_ONLY, "devtmpfs", frozenset({"rw"})) for path in contents.masked_paths()),
    Mount(5, "/", "/dev", frozenset({"rw", "nosuid"}), "tmpfs", frozenset({"rw", "mode=755"})),
    Mount(6, "/null", "/dev/null", frozenset({"rw", "nosuid"}), "devtmpfs", frozenset()),
    sized("/tmp", LIMITS.tmp_bytes),
    sized("/dev/shm", LIMITS.tmp_bytes),
    sized(contents.SUBMISSION, LIMITS.submission_bytes),
]


def changed(place: str, **changes: object) -> list[Mount]:
    return [dataclasses.replace(m, **changes) if m.place == place else m for m in CLOSED]  # type: ignore[arg-type]


def without(place: str) -> list[Mount]:
    return [mount for mount in CLOSED if mount.place != place]


def test_a_closed_table_passes():
    mount_table.check(CLOSED, PLACES, LIMITS)


@pytest.mark.parametrize(
    ("mounts", "complaint"),
    [
        pytest.param(changed("/", options=TMPFS), "/ is not read-only", id="a writable root"),
        pytest.param(changed("/etc", options=TMPFS), "/etc is not read-only", id="writable settings"),
        pytest.param(
            [*CLOSED, Mount(9, "/docker.sock", "/run/docker.sock", TMPFS, "tmpfs", frozenset())],
            "shows /run/docker.sock",
            id="the engine's socket",
        ),
        pytest.param(
            [*CLOSED, Mount(9, "/", "/run/secrets", READ_ONLY, "tmpfs", frozenset())],
            "shows /run/secrets",
            id="what an engine adds",
        ),
        pytest.param(
            [*CLOSED, Mount(9, "/sda", "/dev/sda", frozenset({"rw", "nosuid"}), "devtmpfs", frozenset())],
            "/dev/sda is not read-only",
            id="a disk",
        ),
        pytest.param(
            [*CLOSED, Mount(9, "/", "/sys/fs/cgroup/pids", TMPFS, "cgroup", frozenset())],
            "/sys/fs/cgroup/pids is not read-only",
            id="a writable control group",
        ),
        pytest.param(
            changed("/tmp", options=TMPFS - {"noexec"}), "/tmp is not noexec", id="a folder to run from"
        ),
        pytest.param(changed("/dev/shm", options=TMPFS - {"nosuid"}), "/dev/shm is not nosuid", id="setuid"),
        pytest.param(
            changed("/tmp", file_system_options=frozenset({"rw"})), "/tmp is not limited", id="no size at all"
        ),
        pytest.param(
            changed("/tmp", file_system_options=frozenset({"size=9999999k"})),
            "/tmp is not limited",
            id="a size too big",
        ),
        pytest.param(changed("/tmp", kind="ext4"), "/tmp is not limited", id="a disk to write to"),
        pytest.param(without("/dev/shm"), "no /dev/shm of its own", id="no shared memory of its own"),
        pytest.param(without("/proc/keys"), "/proc/keys is not masked", id="the host's keys"),
    ],
)
def test_what_is_open_is_named(mounts: list[Mount], complaint: str):
    with pytest.raises(SandboxUnavailable, match=complaint):
        mount_table.check(mounts, PLACES, LIMITS)


def test_the_table_of_this_process_is_read():
    (root, *_) = [mount for mount in mount_table.mounts_of(os.getpid()) if mount.place == "/"]
    assert root.options & {"rw", "ro"}
    assert root.kind
