"""A sandbox of its own for each run of git on what others made.

Theory of operation. git parses packs, trees and references that a student chose, and is a large program in
C. So that a hole in it is worth little, it runs under bubblewrap, where that can be used: in namespaces of
its own, with nothing of this machine but programs, read-only, and the folders that it works on, with no
network unless it is to fetch, no capability, and the system calls of `docker/seccomp.json`, those of the
network only where it has one. That takes a few milliseconds.

bubblewrap needs root or user namespaces, which a container without privileges has not: there the container is
the fence, and the limits of the kernel, with which git is run everywhere. `finding` says which of both it is:
`grader doctor` and the web server's log tell.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import SandboxUnavailable
from grader.sandbox import seccomp
from grader.sandbox.interface import Finding

NEED = "git push: a sandbox of its own for every run of git"
FIX = "apt-get install bubblewrap, and allow user namespaces or run the grader as root"
PROGRAMS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
# What programs look up: libraries, and whose certificates are good.
SETTINGS = ("/etc/ld.so.cache", "/etc/ssl", "/etc/ca-certificates", "/etc/pki")
DEVICES = ("/dev/null", "/dev/urandom")
PROBE_TIMEOUT_S = 30


@dataclass(frozen=True)
class Access:
    """What git may touch: folders to read, folders to change, and whether there is a network."""

    reads: Sequence[Path] = ()
    changes: Sequence[Path] = ()
    network: bool = False


def start(command: Sequence[str], access: Access, **options: Any) -> subprocess.Popen[bytes]:
    """Start a command of git in a sandbox, where one can be had; `options` are those of subprocess.Popen.

    What is killed is killed whole: everything of the sandbox is in the process group of its first process.
    """
    if not finding().ok:
        return subprocess.Popen(command, **options)
    with _system_calls(access.network) as filter_fd:
        passed = (*options.pop("pass_fds", ()), filter_fd)
        sandboxed = _command(command, access, filter_fd, options.get("cwd"))
        return subprocess.Popen(sandboxed, pass_fds=passed, **options)


@functools.cache
def finding() -> Finding:
    """Whether a sandbox for git can be had here: tried out, once in a process."""
    bwrap = _bwrap()
    if not bwrap:
        return Finding(NEED, False, "bubblewrap is not installed; git has the kernel's limits only", FIX)
    try:
        with _system_calls(network=False) as filter_fd:
            done = subprocess.run(
                _command(["git", "--version"], Access(), filter_fd, None),
                pass_fds=(filter_fd,),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PROBE_TIMEOUT_S,
                check=False,
            )
    except SandboxUnavailable as error:
        return Finding(NEED, False, f"{error.problem} git has the kernel's limits only", error.fix)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(NEED, False, f"{bwrap} can't be run: {error}; git has the kernel's limits only", FIX)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()[-200:]
        return Finding(NEED, False, f"{said or 'bubblewrap failed'}; git has the kernel's limits only", FIX)
    return Finding(NEED, True, "bubblewrap")


@functools.cache
def _bwrap() -> str:
    return shutil.which("bwrap") or ""


def _command(command: Sequence[str], access: Access, filter_fd: int, cwd: Path | str | None) -> list[str]:
    """Return the command as bubblewrap gets it."""
    bwrap = [
        *(_bwrap(), "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--disable-userns", "--cap-drop", "ALL", "--seccomp", str(filter_fd)),
    ]
    if not access.network:
        bwrap.append("--unshare-net")
    bwrap += ["--size", str(1024**2), "--tmpfs", "/tmp"]
    for device in DEVICES:
        bwrap += ["--dev-bind", device, device]
    for place in PROGRAMS:
        bwrap += _as_it_is(Path(place))
    # Our hook is a program of Python.
    for ours in (*SETTINGS, str(Path(sys.executable).parent), sys.base_prefix):
        if Path(ours).exists() and not ours.startswith("/usr/"):
            bwrap += ["--ro-bind", ours, ours]
    for option, folders in (("--ro-bind", access.reads), ("--bind", access.changes)):
        for folder in folders:
            for name in dict.fromkeys((str(folder.resolve()), str(folder.absolute()))):
                bwrap += [option, name, name]
    return [*bwrap, "--chdir", "/" if cwd is None else str(cwd), *command]


def _as_it_is(place: Path) -> list[str]:
    if place.is_symlink():
        return ["--symlink", str(place.readlink()), str(place)]
    return ["--ro-bind", str(place), str(place)] if place.is_dir() else []


@contextmanager
def _system_calls(network: bool) -> Iterator[int]:
    """Yield a descriptor of the filter; bubblewrap reads it to its end."""
    descriptor = os.memfd_create("seccomp")
    try:
        os.write(descriptor, seccomp.compiled_profile(network))
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        with contextlib.suppress(OSError):
            os.close(descriptor)
