"""Leases: one owner at a time, and the dead are told from the living."""

import os
import signal
import subprocess
import sys
import threading
import time
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
        with lease.dead(PREFIX) as found:
            assert found == []
    finally:
        held.release()


def test_a_lease_is_not_let_go_while_others_are_judged():
    held = lease.take([f"{PREFIX}ending"])
    inode = lease.leases_folder().stat().st_ino
    ending = threading.Thread(target=held.release)
    with lease._folder_locked():
        ending.start()
        while not _somebody_waits_for(inode) and ending.is_alive():
            time.sleep(0.01)
        assert (held.folder / "lock").exists()
    ending.join()
    assert not held.folder.exists()


def _somebody_waits_for(inode: int) -> bool:
    locks = Path("/proc/locks").read_text(encoding="utf-8").splitlines()
    return any("->" in line and f":{inode} " in line for line in locks)


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
        with lease.dead(PREFIX) as found:
            assert found == []
        owner.send_signal(signal.SIGKILL)
    with pytest.raises(OSError, match="busy"), lease.dead(PREFIX):
        raise OSError("busy")
    with lease.dead(PREFIX) as found:  # again: what could not be cleared away is not held
        (gone,) = found
        assert gone.name == f"{PREFIX}dying"
        gone.release()
    assert not gone.folder.exists()
