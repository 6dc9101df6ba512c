"""Read back from the kernel that a running sandbox is as closed as it should be."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection
from pathlib import Path

from grader.errors import SandboxError, SandboxUnavailable
from grader.sandbox import contents, mount_table
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
NAMESPACES = ("mnt", "pid", "net", "ipc", "uts", "cgroup")
LIMIT_NAMES = {
    "core": "Max core file size",
    "memlock": "Max locked memory",
    "msgqueue": "Max msgqueue size",
    "nice": "Max nice priority",
    "nofile": "Max open files",
    "rtprio": "Max realtime priority",
    "sigpending": "Max pending signals",
}
FIX = "use a kernel with CONFIG_SECCOMP_FILTER and run `grader doctor` for what else is missing"


def check_process(
    pid: int,
    uid: int,
    limits: Limits,
    places: Collection[str],
    *,
    own_user_namespace: bool = False,
    inherited_filters: int = 0,
    control: int | None = None,
) -> None:
    """Check process 1: privileges, namespaces, mounts, descriptors, and its limits.

    Arguments: `places` are its mount points, see `mount_table.check`; `inherited_filters` is how many
    seccomp filters it had before ours; `control` the inode of a control socket that was made outside.
    Raises SandboxUnavailable that names the first layer that is missing, SandboxError if the
    process ended meanwhile, which makes the kernel's answers meaningless.
    """
    try:
        _check_privileges(_status(pid), uid, inherited_filters)
        _check_namespaces(pid, own_user_namespace)
        mounts = mount_table.mounts_of(pid)
        mount_table.check(mounts, places, limits)
        _check_descriptors(pid, {mount.number for mount in mounts}, control)
        _check_resource_limits(pid, limits)
        Cgroup.of_process(pid).check(limits)
    except (SandboxUnavailable, OSError) as error:
        if _has_ended(pid):
            raise SandboxError("The program ended as soon as it was started.") from error
        raise


def filters_of(pid: int) -> int:
    """Return how many seccomp filters a process has; 0 where the kernel doesn't say (before 5.9)."""
    return int(_status(pid).get("Seccomp_filters", 0))


def _check_privileges(status: dict[str, str], uid: int, inherited_filters: int) -> None:
    for field, (value, layer) in EXPECTED.items():
        if status.get(field) != value:
            raise SandboxUnavailable(f"The sandbox runs without {layer} ({field}: {status.get(field)}).", FIX)
    if "Seccomp_filters" in status and int(status["Seccomp_filters"]) <= inherited_filters:
        raise SandboxUnavailable("The sandbox runs with the grader's own seccomp filter only.", FIX)
    for field in ("Uid", "Gid"):
        if status[field].split() != [str(uid)] * 4:
            raise SandboxUnavailable(f"The sandbox runs with {field} {status[field]}, not {uid}.", FIX)
    if not set(status["Groups"].split()) <= {str(uid)}:
        raise SandboxUnavailable(f"The sandbox is in the groups {status['Groups']}.", FIX)
    if len(status["NSpid"].split()) == 1 or status["NSpid"].split()[-1] != "1":
        raise SandboxUnavailable("The sandbox doesn't have a process namespace of its own.", FIX)


def _check_namespaces(pid: int, own_user_namespace: bool) -> None:
    for name in (*NAMESPACES, "user") if own_user_namespace else NAMESPACES:
        try:
            shared = Path(f"/proc/{pid}/ns/{name}").readlink() == Path(f"/proc/self/ns/{name}").readlink()
        except PermissionError:
            return  # only root may look; then the engine's own word, checked by its backend, has to do
        if shared:
            raise SandboxUnavailable(f"The sandbox shares the host's {name} namespace.", FIX)


def _check_descriptors(pid: int, own_mounts: set[int], control: int | None) -> None:
    """Check that no open file is in a mount of another's, and no socket of another network but `control`."""
    try:
        opened = list(Path(f"/proc/{pid}/fd").iterdir())
    except PermissionError:
        return  # as above
    own_sockets = {f"socket:[{control}]"}
    for link in opened:
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            target = str(link.readlink())
            if target.startswith("socket:") and target not in own_sockets:
                table = Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]
                own_sockets |= {f"socket:[{line.split()[6]}]" for line in table}
                is_own = target in own_sockets
            elif target.startswith("/") and not target.startswith(("/dev/null", "/memfd:")):
                info = Path(f"/proc/{pid}/fdinfo/{link.name}").read_text()
                found = re.search(r"^mnt_id:\s*(\d+)", info, re.MULTILINE)
                is_own = found is not None and int(found[1]) in own_mounts
            else:
                is_own = True
            if not is_own:
                raise SandboxUnavailable(f"The sandbox inherits a descriptor of {target}.", FIX)


def _check_resource_limits(pid: int, limits: Limits) -> None:
    rows = Path(f"/proc/{pid}/limits").read_text().splitlines()
    found = {row[:25].strip(): row[25:].split()[:2] for row in rows}
    for name, value in contents.resource_limits(limits).items():
        if found.get(LIMIT_NAMES[name]) != [str(value)] * 2:
            raise SandboxUnavailable(f"The limit {name} is {found.get(LIMIT_NAMES[name])}, not {value}.", FIX)
    score = Path(f"/proc/{pid}/oom_score_adj").read_text().strip()
    if int(score) < contents.OOM_SCORE_ADJ:
        raise SandboxUnavailable(f"The sandbox's oom_score_adj is {score}.", FIX)


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _has_ended(pid: int) -> bool:
    try:
        return _status(pid)["State"][0] in "ZX"
    except OSError:
        return True
