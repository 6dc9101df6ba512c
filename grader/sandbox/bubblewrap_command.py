"""What one bubblewrap sandbox is made of: the stage's plan and bwrap's command line."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import SandboxUnavailable
from grader.sandbox import bubblewrap_host, bubblewrap_root, contents
from grader.sandbox.bubblewrap_root import Root
from grader.sandbox.bubblewrap_stage import STAGE
from grader.sandbox.cgroup import Cgroup
from grader.sandbox.interface import Limits

CPU_LIST = "/sys/devices/system/cpu"  # torch reads there what the processor can do


@dataclass(frozen=True)
class Descriptors:
    """The open files that bwrap inherits."""

    seccomp: int
    info: int
    control: int


def stage_plan(
    root: Root,
    etc: Path,
    group: Cgroup,
    limits: Limits,
    uid: int,
    program: Sequence[str],
    descriptors: Descriptors,
) -> dict[str, Any]:
    """Return the plan that `bubblewrap_stage` carries out, as plain JSON values."""
    folders = {"etc": str(etc), "site-packages": str(root.packages), "host": str(root.host)}
    folders |= {_stage_name(folder): folder for folder in bubblewrap_root.host_folders()}
    mounts = contents.writable_mounts(limits, uid)
    return {
        "cgroups": sorted({str(folder / "cgroup.procs") for folder in group.folders.values()}),
        "uid": uid,
        "folders": folders,
        "file_systems": {_stage_name(place): options for place, options in mounts.items()},
        "resource_limits": contents.resource_limits(limits),
        "oom_score_adj": contents.OOM_SCORE_ADJ,
        "command": [
            *_isolation(),
            *_read_only_root(),
            *_kernel_file_systems(),
            *(part for place in mounts for part in ("--bind", str(STAGE / _stage_name(place)), place)),
            *("--remount-ro", "/", "--chdir", contents.SUBMISSION),
            *("--seccomp", str(descriptors.seccomp), "--info-fd", str(descriptors.info), "--"),
            *(str(bubblewrap_root.python()), *contents.PYTHON_FLAGS, *program),
            *("--fd", str(descriptors.control)),
        ],
    }


def places() -> frozenset[str]:
    """Return what is mounted beside the writable file systems and what is below /proc, /sys and /dev."""
    shown = [*bubblewrap_root.host_folders(), *bubblewrap_root.hidden_packages()]
    return frozenset({"/", "/etc", contents.SITE_PACKAGES, contents.HOST_FILES, *shown})


def _isolation() -> list[str]:
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxUnavailable("bubblewrap is not installed.", bubblewrap_host.BWRAP_FIX)
    command = [
        *(bwrap, "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup", "--disable-userns", "--hostname", "sandbox"),
        *("--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"),
    ]
    for name, value in contents.ENVIRONMENT.items():
        command += ["--setenv", name, value]
    return command


def _read_only_root() -> list[str]:
    command = []
    for folder in bubblewrap_root.host_folders():
        command += ["--ro-bind", str(STAGE / _stage_name(folder)), folder]
    for folder in bubblewrap_root.hidden_packages():
        command += ["--tmpfs", folder, "--remount-ro", folder]
    for link in bubblewrap_root.links():
        command += ["--symlink", str(Path(link).readlink()), link]
    for name, place in (
        ("etc", "/etc"),
        ("site-packages", contents.SITE_PACKAGES),
        ("host", contents.HOST_FILES),
    ):
        command += ["--ro-bind", str(STAGE / name), place]
    return command


def _kernel_file_systems() -> list[str]:
    command = ["--ro-bind", CPU_LIST, CPU_LIST, "--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    for path in contents.READ_ONLY:
        if Path(path).exists():
            command += ["--ro-bind", path, path]
    for masked in contents.masked_paths():
        if not masked.startswith(("/proc/", f"{CPU_LIST}/")):
            continue  # it isn't shown
        if Path(masked).is_dir():
            command += ["--tmpfs", masked, "--remount-ro", masked]
        else:
            command += ["--ro-bind", "/dev/null", masked]
    return command


def _stage_name(place: str) -> str:
    return place.strip("/").replace("/", "-")
