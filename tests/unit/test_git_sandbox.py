"""What runs in git's sandbox sees programs and its folders, reaches nobody, and is gone when it is killed."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from grader import git_sandbox
from grader.git_sandbox import Access
from grader.sandbox.interface import Finding

needed = pytest.mark.skipif(not git_sandbox.finding().ok, reason=git_sandbox.finding().detail)
NOT_HERE = Finding(git_sandbox.NEED, False, "not here", "")


def run(command: str, access: Access, **options) -> str:
    process = git_sandbox.start(
        ["sh", "-c", command], access, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
    )
    output, _ = process.communicate(timeout=60)
    return output.decode()


@needed
def test_git_sees_nothing_but_its_folders(tmp_path: Path):
    mine, others = tmp_path / "mine.git", tmp_path / "others.git"
    for folder in (mine, others):
        folder.mkdir()
        (folder / "file").write_text("content")
    said = run(f"ls {tmp_path}; cat {others}/file /etc/passwd; ls /home /proc /var", Access(reads=[mine]))
    assert said.splitlines()[0] == "mine.git"
    assert "content" not in said
    assert said.count("No such file or directory") == 5


@needed
def test_what_it_reads_it_can_not_change(tmp_path: Path):
    assert "Read-only" in run(f"echo x > {tmp_path}/file", Access(reads=[tmp_path]))
    run(f"echo x > {tmp_path}/file", Access(changes=[tmp_path]))
    assert (tmp_path / "file").read_text() == "x\n"


@needed
@pytest.mark.parametrize("network", [False, True])
def test_only_a_fetch_has_a_network(network: bool):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        process = git_sandbox.start(
            ["git", "ls-remote", address], Access(network=network), stderr=subprocess.DEVNULL
        )
        if network:
            server.accept()[0].close()
        assert process.wait(60) != 0  # without one it ends by itself: nobody is there


@needed
def test_it_has_no_privilege():
    said = run("unshare --user true; mount -t tmpfs x /tmp; id -u", Access())
    assert (
        said.count("not permitted") + said.count("permission denied") + said.count("must be superuser") >= 1
    )
    assert said.splitlines()[-1] == str(os.getuid())


@needed
def test_what_is_killed_is_killed_whole(tmp_path: Path):
    """The lock that all of them hold is free afterwards."""
    reading, writing = os.pipe()
    process = git_sandbox.start(
        ["sh", "-c", "sleep 600 & sleep 600"], Access(), pass_fds=[writing], start_new_session=True
    )
    os.close(writing)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b""  # it ends when nobody holds the other end any more


def test_without_one_git_runs_all_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(git_sandbox, "finding", lambda: NOT_HERE)
    assert run("git --version", Access()).startswith("git version")


def test_what_is_missing_is_said_with_its_fix(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(git_sandbox, "_bwrap", lambda: "")
    found = git_sandbox.finding.__wrapped__()
    assert not found.ok and found.fix and "kernel's limits only" in found.detail
    monkeypatch.setattr(git_sandbox, "_bwrap", lambda: "/bin/false")
    found = git_sandbox.finding.__wrapped__()
    assert not found.ok and found.detail.startswith("bubblewrap failed")
