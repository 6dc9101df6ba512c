"""Where figures come from: the machine and the versions of what was measured."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.subjects import Subject
from grader.judging.provenance import cpu_model
from grader.sandbox import docker_host


def describe_machine() -> dict[str, Any]:
    """Return what of the machine matters to its speed, and how busy it is now."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu_model": cpu_model(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory_bytes / 1024**3, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "load_average": round(os.getloadavg()[0], 1),
    }


def describe_versions(subject: Subject) -> dict[str, str]:
    """Return the versions of everything that takes part."""
    versions = {"grader": commit(), "Python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in ("torch", "pytest", "pytest-json-report")}
    names = {backend.name for backend in subject.sandboxes}
    if "docker" in names:
        versions["Docker"] = docker_host.connect().version()["Version"]
    bwrap = shutil.which("bwrap")
    if "bubblewrap" in names and bwrap:
        said = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=True).stdout
        versions["bubblewrap"] = said.split()[-1]
    return versions


@functools.cache
def commit() -> str:
    """Return this checkout's commit, marked where files differed from it when it was first asked for.

    Without git: the package's version. A benchmark that writes its page after each part is not its own
    difference.
    """
    root = Path(__file__).parents[1]
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--exclude", "*"]
    with_git = subprocess.run(command, capture_output=True, text=True) if shutil.which("git") else None
    if with_git is not None and with_git.returncode == 0:
        return with_git.stdout.strip()
    return importlib.metadata.version("grader")


def origin() -> dict[str, Any]:
    """Return when and where results are being taken: `date` in UTC, and `machine`."""
    return {"date": datetime.now(UTC).isoformat(timespec="minutes"), "machine": describe_machine()}
