"""`grader doctor`: what this host offers for sandboxes and git, and the fix for what is missing."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from grader import git_sandbox
from grader.git.environment import HOOKS
from grader.pushes.fetching import git_version, pins_addresses
from grader.sandbox.interface import Backend, Finding

APT = "apt-get install {}"


def run_doctor(backends: Iterable[Backend]) -> list[Finding]:
    """Check each backend's needs and what it must have built; a finding's need begins with its name.

    One usable backend is enough to grade; `usable` says which are.
    """
    return [
        dataclasses.replace(finding, need=f"{backend.name}: {finding.need}")
        for backend in backends
        for finding in (*backend.findings(), backend.prepared())
    ]


def git_findings() -> list[Finding]:
    """Check what git push, and fetching what was pushed elsewhere, need; grading works without them."""
    found = [_program("git", "git"), _program("prlimit", "util-linux")]
    if found[0].ok:
        backend = Path(_said("git", "--exec-path")) / "git-http-backend"
        is_there = os.access(backend, os.X_OK)
        said = _said("git", "--version").removeprefix("git version ") if is_there else f"no {backend}"
        found[0] = Finding("git push: git with its http-backend", is_there, said, APT.format("git"))
    hook = HOOKS / "pre-receive"
    can_run = os.access(hook, os.X_OK)
    detail = "ours can be run" if can_run else f"{hook} is not executable"
    version = git_version()
    fetches = Finding(
        "git push: git 2.37 or newer, to fetch from other hosts",
        pins_addresses(version),
        version or "not found",
        "install a newer git",
    )
    runs = Finding("git push: hook", can_run, detail, f"chmod +x {hook}")
    return [*found, runs, fetches, git_sandbox.finding()]


def _program(name: str, package: str) -> Finding:
    path = shutil.which(name)
    return Finding(f"git push: {name}", path is not None, path or "not found", APT.format(package))


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def usable(findings: Iterable[Finding]) -> list[str]:
    """Return the names of the backends whose every need is met."""
    met: dict[str, bool] = {}
    for finding in findings:
        name = finding.need.partition(":")[0]
        met[name] = met.get(name, True) and finding.ok
    return [name for name, ok in met.items() if ok]
