"""What a host must offer for bubblewrap sandboxes, checked one need at a time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from grader.errors import SandboxUnavailable
from grader.sandbox import cgroup, seccomp
from grader.sandbox.interface import Finding

OLDEST_BWRAP = (0, 8, 0)  # the first that can forbid further user namespaces
ROOT_FIX = "run the grader as root (sudo), or start Docker and use --sandbox docker"
BWRAP_FIX = "apt-get install bubblewrap"

# What may forbid unprivileged user namespaces: the switch, the value that allows, the fix.
USER_NAMESPACE_SWITCHES = (
    ("kernel/unprivileged_userns_clone", "1", "sysctl -w kernel.unprivileged_userns_clone=1"),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "0",
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
)


def findings() -> list[Finding]:
    """Check every need; each that isn't met carries its fix."""
    return [_root(), _bwrap(), _user_namespaces(), _seccomp(), *cgroup.findings(), *_cgroups_writable()]


def _root() -> Finding:
    is_root = os.geteuid() == 0
    return Finding(
        "root", is_root, "yes" if is_root else "needed for control groups", "" if is_root else ROOT_FIX
    )


def _bwrap() -> Finding:
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return Finding("bubblewrap", False, "not installed", BWRAP_FIX)
    text = subprocess.run([bwrap, "--version"], capture_output=True, text=True).stdout.strip()
    version = tuple(map(int, re.findall(r"\d+", text)))
    recent = version >= OLDEST_BWRAP
    oldest = ".".join(map(str, OLDEST_BWRAP))
    return Finding("bubblewrap", recent, text, "" if recent else f"install bubblewrap {oldest} or newer")


def _user_namespaces() -> Finding:
    need = "user namespaces"
    for switch, allows, fix in USER_NAMESPACE_SWITCHES:
        setting = Path("/proc/sys") / switch
        if setting.exists() and setting.read_text().strip() != allows:
            return Finding(need, False, f"forbidden by {setting}", fix)
    most = Path("/proc/sys/user/max_user_namespaces")
    if not most.exists() or int(most.read_text()) == 0:
        return Finding(need, False, "none are allowed", "sysctl -w user.max_user_namespaces=10000")
    return Finding(need, True, "allowed")


def _seccomp() -> Finding:
    actions = Path("/proc/sys/kernel/seccomp/actions_avail")
    if not actions.exists() or "errno" not in actions.read_text().split():
        return Finding("seccomp", False, "the kernel lacks it", "use a kernel with CONFIG_SECCOMP_FILTER")
    try:
        size = len(seccomp.compiled_profile())
    except SandboxUnavailable as error:
        return Finding("seccomp", False, error.problem, error.fix)
    return Finding("seccomp", True, f"the filter compiles to {size // 8} instructions")


def _cgroups_writable() -> Iterator[Finding]:
    if os.geteuid() != 0:
        return  # told already: root is missing
    for mount in sorted(set(cgroup.hierarchy().mounts.values())):
        if not os.access(mount, os.W_OK):
            yield Finding(
                "control groups writable",
                False,
                f"{mount} is not",
                "run as root outside a container, or give the container a writable /sys/fs/cgroup",
            )
            return
    yield Finding("control groups writable", True, "yes")
