"""What one Docker sandbox is made of: the container's settings."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError
from docker.models.containers import Container
from docker.types import Mount, Ulimit

from grader.sandbox import contents, seccomp
from grader.sandbox.interface import Limits

OWNER_LABEL = "grader.sandbox"
MACHINE_LABEL = "grader.sandbox.machine"
ACCOUNT_FILES = {"passwd": "/etc/passwd", "group": "/etc/group"}
# What is mounted beside the writable file systems and what is below /proc, /sys and /dev.
PLACES = frozenset(
    {"/", contents.CONTROL_FOLDER, "/etc/resolv.conf", "/etc/hostname", "/etc/hosts", *ACCOUNT_FILES.values()}
)


class NameTaken(Exception):
    """The engine has a container of this name already."""


def create(
    client: docker.DockerClient,
    image: str,
    name: str,
    folder: Path,
    uid: int,
    limits: Limits,
    program: Sequence[str],
) -> Container:
    """Create the container, named after its lease, whose folder is `folder` and has a `control` folder.

    Raises NameTaken, APIError for whatever else the engine minds.
    """
    etc = folder / "etc"
    etc.mkdir()
    for file, text in contents.account_files(uid).items():
        (etc / file).write_text(text)
        (etc / file).chmod(0o644)
    host_config = client.api.create_host_config(**_host_options(limits, folder, uid))
    # The client library has no names for these; without them the engine has a shorter list of its own.
    host_config["MaskedPaths"] = list(contents.masked_paths())
    host_config["ReadonlyPaths"] = list(contents.READ_ONLY)
    try:
        created = client.api.create_container(
            image,
            name=f"grader-sandbox-{name}",
            entrypoint=["python3"],
            command=[*contents.PYTHON_FLAGS, *program, "--socket", contents.CONTROL_SOCKET],
            environment=contents.ENVIRONMENT,
            working_dir=contents.SUBMISSION,
            hostname="sandbox",
            labels={OWNER_LABEL: str(folder), MACHINE_LABEL: socket.gethostname()},
            user=f"{uid}:{uid}",
            host_config=host_config,
        )
    except APIError as error:
        if error.status_code == 409:
            raise NameTaken from error
        raise
    return client.containers.get(created["Id"])


def _host_options(limits: Limits, folder: Path, uid: int) -> dict[str, Any]:
    shown = {contents.CONTROL_FOLDER: folder / "control"}
    shown |= {place: folder / "etc" / file for file, place in ACCOUNT_FILES.items()}
    return {
        "network_mode": "none",
        "ipc_mode": "private",
        "cgroupns": "private",
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true", f"seccomp={seccomp.profile_text()}"],
        "mounts": [Mount(place, str(source), type="bind", read_only=True) for place, source in shown.items()],
        "tmpfs": contents.writable_mounts(limits, uid),
        "mem_limit": limits.memory_bytes,
        "memswap_limit": limits.memory_bytes,
        "pids_limit": limits.pids,
        "nano_cpus": round(limits.cpus * 1e9),
        "oom_score_adj": contents.OOM_SCORE_ADJ,
        "ulimits": [
            Ulimit(name=name, soft=value, hard=value)
            for name, value in contents.resource_limits(limits).items()
        ],
        "log_config": {"Type": "none", "Config": {}},
        "init": False,
    }
