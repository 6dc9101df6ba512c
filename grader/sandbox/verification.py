"""Read back from the kernel that a running sandbox is as closed as it should be."""

from __future__ import annotations

from pathlib import Path

from grader.errors import SandboxError, SandboxUnavailable
from grader.sandbox.cgroup import Cgroup
from grader.sandbox.interface import Limits

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


def check_process(pid: int, uid: int, limits: Limits) -> None:
    """Check process 1's privileges and its control group's limits.

    Raises SandboxUnavailable that names the first layer that is missing, SandboxError if the
    process ended meanwhile, which makes the kernel's answers meaningless.
    """
    try:
        _check_privileges(_status(pid), uid)
        Cgroup.of_process(pid).check(limits)
    except (SandboxUnavailable, OSError) as error:
        if _has_ended(pid):
            raise SandboxError("The program ended as soon as it was started.") from error
        raise


def _check_privileges(status: dict[str, str], uid: int) -> None:
    for field, (value, layer) in EXPECTED.items():
        if status.get(field) != value:
            raise SandboxUnavailable(f"The sandbox runs without {layer} ({field}: {status.get(field)}).", FIX)
    uids = status["Uid"].split()
    if uids != [str(uid)] * 4:
        raise SandboxUnavailable(f"The sandbox runs as user {uids[0]}, not {uid}.", FIX)
    if len(status["NSpid"].split()) == 1 or status["NSpid"].split()[-1] != "1":
        raise SandboxUnavailable("The sandbox doesn't have a process namespace of its own.", FIX)


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _has_ended(pid: int) -> bool:
    try:
        return _status(pid)["State"][0] in "ZX"
    except OSError:
        return True
