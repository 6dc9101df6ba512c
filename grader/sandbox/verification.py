"""Read back from the kernel that a running sandbox is as closed as it should be."""

from __future__ import annotations

from pathlib import Path

from grader.errors import SandboxUnavailable

NO_CAPABILITIES = "0" * 16
EXPECTED = {
    "NoNewPrivs": ("1", "no-new-privileges"),
    "Seccomp": ("2", "the seccomp filter"),
    "CapInh": (NO_CAPABILITIES, "dropping capabilities"),
    "CapPrm": (NO_CAPABILITIES, "dropping capabilities"),
    "CapEff": (NO_CAPABILITIES, "dropping capabilities"),
    "CapBnd": (NO_CAPABILITIES, "dropping capabilities"),
    "CapAmb": (NO_CAPABILITIES, "dropping capabilities"),
}
FIX = "use a kernel with CONFIG_SECCOMP_FILTER and run `grader doctor` for what else is missing"


def status_of(pid: int) -> dict[str, str]:
    """Return the fields of /proc/PID/status; FileNotFoundError or ProcessLookupError if it is gone."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def check_process(pid: int, uid: int) -> None:
    """Check process 1's privileges; SandboxUnavailable names the first layer that is missing."""
    status = status_of(pid)
    for field, (value, layer) in EXPECTED.items():
        if status.get(field) != value:
            raise SandboxUnavailable(f"The sandbox runs without {layer} ({field}: {status.get(field)}).", FIX)
    uids = status["Uid"].split()
    if uids != [str(uid)] * 4:
        raise SandboxUnavailable(f"The sandbox runs as user {uids[0]}, not {uid}.", FIX)
    if status["NSpid"].split()[-1] != "1":
        raise SandboxUnavailable("The sandbox doesn't have a process namespace of its own.", FIX)
