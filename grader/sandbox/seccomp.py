"""The one seccomp profile (`docker/seccomp.json`) in the form each backend takes.

Theory of operation. The profile is an allow-list: what it doesn't name fails with EPERM, as
if the kernel refused it. Docker takes the JSON as it is. bubblewrap takes the BPF program that
libseccomp compiles from the same JSON, so the two can't drift apart. Syscalls that the
machine's architecture doesn't have are left out, as Docker does.
"""

from __future__ import annotations

import functools
import json
import os
import socket
from pathlib import Path
from typing import Any

from grader.errors import SandboxUnavailable

SEARCH_TREE = 2  # of libseccomp's two layouts, the one that finds a call in few steps
INTERNET_FAMILIES = (socket.AF_INET, socket.AF_INET6)
PROFILE = Path(__file__).parents[2] / "docker" / "seccomp.json"


def profile_text() -> str:
    """Return the profile as Docker's API takes it."""
    return PROFILE.read_text(encoding="utf-8")


@functools.cache
def compiled_profile(network: bool = False) -> bytes:
    """Return the profile as a BPF program; SandboxUnavailable where libseccomp is missing.

    `network` adds sockets of the Internet: for git when it fetches, never for student code.
    """
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:
        raise SandboxUnavailable(
            f"The seccomp filter can't be built: {error}.", "apt-get install libseccomp2"
        ) from error
    profile = json.loads(profile_text())
    bpf = pyseccomp.SyscallFilter(_action(pyseccomp, profile["defaultAction"], profile["defaultErrnoRet"]))
    # Calls by the numbers of another architecture (i386, x32) end the process, not one of its threads.
    bpf.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.KILL_PROCESS)
    bpf.set_attr(pyseccomp.Attr.CTL_OPTIMIZE, SEARCH_TREE)
    for rule in profile["syscalls"]:
        action = _action(pyseccomp, rule["action"], rule.get("errnoRet", 0))
        arguments = [_argument(pyseccomp, argument) for argument in rule.get("args", [])]
        for name in rule["names"]:
            if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) >= 0:
                bpf.add_rule(action, name, *arguments)
    if network:
        for family in INTERNET_FAMILIES:
            bpf.add_rule(pyseccomp.ALLOW, "socket", pyseccomp.Arg(0, pyseccomp.EQ, family))
    with os.fdopen(os.memfd_create("seccomp"), "rb") as file:
        bpf.export_bpf(file)
        file.seek(0)
        return file.read()


def _action(pyseccomp: Any, name: str, errno: int) -> int:
    allow: int = pyseccomp.ALLOW
    refuse: int = pyseccomp.ERRNO(errno)
    return {"SCMP_ACT_ALLOW": allow, "SCMP_ACT_ERRNO": refuse}[name]


def _argument(pyseccomp: Any, argument: dict[str, Any]) -> Any:
    comparison = {"SCMP_CMP_EQ": pyseccomp.EQ, "SCMP_CMP_MASKED_EQ": pyseccomp.MASKED_EQ}[argument["op"]]
    return pyseccomp.Arg(argument["index"], comparison, argument["value"], argument.get("valueTwo", 0))
