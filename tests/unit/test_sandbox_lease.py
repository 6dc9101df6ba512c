"""Leases: one owner at a time, and the dead are told from the living."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.sandbox import lease

ROOT = Path(__file__).resolve().parents[2]
PREFIX = f"test-{os.getpid()}-"


def test_a_name_has_one_owner():
    first = lease.take([f"{PREFIX}a", f"{PREFIX}b"])
    second = lease.take([f"{PREFIX}a", f"{PREFIX}b"])
    try:
        assert [first.name, second.name] == [f"{PREFIX}a", f"{PREFIX}b"]
        assert first.folder.stat().st_mode & 0o777 == 0o700
        with pytest.raises(SandboxError):
            lease.take([f"{PREFIX}a", f"{PREFIX}b"])
    finally:
        first.release()
        second.release()
    assert not first.folder.exists()
    first.release()  # once more changes nothing


def test_the_living_are_left_alone():
    held = lease.take([f"{PREFIX}held"])
    try:
        assert lease.take_over_dead(PREFIX) == []
    finally:
        held.release()


def test_the_dead_are_found_however_they_died():
    code = f"""
import signal
from grader.sandbox import lease
held = lease.take(["{PREFIX}dying"])
(held.folder / "rest").write_text("left behind")
print("held", flush=True)
signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"held\n"
        assert lease.take_over_dead(PREFIX) == []
        owner.send_signal(signal.SIGKILL)
    (dead,) = lease.take_over_dead(PREFIX)
    assert dead.name == f"{PREFIX}dying"
    dead.release()
    assert not dead.folder.exists()
