"""How git is run here: with these settings and no others, in bounded memory and time.

Settings given in the environment come before those in any file, so a repository's own configuration decides
nothing. Hooks are ours, from this package; no attribute, filter, helper, transport or alternate is ever used.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from grader import git_sandbox
from grader.errors import GraderError
from grader.git.limits import GitLimits
from grader.git_sandbox import Access
from grader.submissions.git_isolation import isolated_environment

HOOKS = Path(__file__).resolve().parent / "hooks"
DEFAULT_BRANCH = "refs/heads/main"
PINS = "refs/grader"

SETTINGS = {
    # what is received: checked whole, kept as packs, nothing done by itself afterwards
    "transfer.fsckObjects": "true",
    "receive.fsckObjects": "true",
    "receive.unpackLimit": "1",
    "receive.autogc": "false",
    "receive.denyDeleteCurrent": "refuse",
    "receive.denyCurrentBranch": "ignore",
    "receive.shallowUpdate": "false",
    "receive.advertisePushOptions": "false",
    "core.fsync": "all",
    "gc.auto": "0",
    "maintenance.auto": "false",
    # what is sent
    "uploadpack.allowFilter": "false",
    "http.getanyfile": "false",
    "http.uploadpack": "true",
    # nothing is run, followed or fetched
    "core.hooksPath": str(HOOKS),
    "core.attributesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "credential.helper": "",
    "protocol.allow": "never",
    # memory and processors
    "core.bigFileThreshold": "8m",
    "core.deltaBaseCacheLimit": "16m",
    "core.packedGitLimit": "256m",
    "pack.threads": "1",
    "pack.windowMemory": "32m",
    "pack.deltaCacheSize": "16m",
}


def git_environment(repository: Path, **settings: str) -> dict[str, str]:
    """Return the environment for git at work in the repository.

    `settings` are added, `__` for the dot in their names: `http__receivepack`.
    """
    chosen = {**SETTINGS, "safe.directory": str(repository)}
    chosen.update({name.replace("__", "."): value for name, value in settings.items()})
    environment = isolated_environment(os.devnull, chosen)
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environment["PATH"]))
    return environment


def start_git(
    repository: Path,
    arguments: Sequence[str],
    environment: dict[str, str],
    limits: GitLimits,
    *,
    changes: bool = True,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    stdout: IO[bytes] | int = subprocess.PIPE,
    stderr: IO[bytes] | int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start git in a process group of its own, its memory, files and processor time capped by the kernel.

    Where sandboxes can be had, it sees nothing but the repository, which it may change if `changes`.
    """
    capped = [
        "prlimit",
        f"--as={limits.memory_bytes}",
        f"--fsize={limits.repository_bytes + limits.push_bytes}",
        f"--cpu={int(limits.git_s)}",
        "--core=0",
        "git",
        *arguments,
    ]
    folders = [repository]
    access = Access(reads=[HOOKS], changes=folders) if changes else Access(reads=[HOOKS, *folders])
    return git_sandbox.start(
        capped,
        access,
        env=environment,
        cwd=cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
    )


def end_git(process: subprocess.Popen[bytes]) -> None:
    """Kill git and whatever it has started, and bury it; if it has ended, only bury it."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def ask_git(
    repository: Path, *arguments: str, text: str = "", limits: GitLimits | None = None, **environment: Any
) -> str:
    """Return what git prints for `text` as its input; GraderError if it fails or takes too long.

    `environment` adds variables, such as the object stores of a quarantine.
    """
    limits = limits or GitLimits()
    process = start_git(
        repository,
        [f"--git-dir={repository}", *arguments],
        git_environment(repository) | environment,
        limits,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=repository,
    )
    try:
        output, errors = process.communicate(text.encode(), timeout=limits.git_s)
    except subprocess.TimeoutExpired:
        raise GraderError(f"git {arguments[0]} took longer than {limits.git_s:.0f} s") from None
    finally:
        end_git(process)
    if process.returncode:
        said = errors.decode("utf-8", "replace").strip()[-500:]
        raise GraderError(f"git {arguments[0]} failed: {said}")
    return output.decode("utf-8", "surrogateescape")
