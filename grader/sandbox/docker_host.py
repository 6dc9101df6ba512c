"""What a host must offer for Docker sandboxes: an engine, here, with seccomp and control groups."""

from __future__ import annotations

import os
import socket
from typing import Any

import docker
from docker.errors import DockerException

from grader.errors import SandboxUnavailable
from grader.sandbox import cgroup
from grader.sandbox.interface import Finding

ENGINE_TIMEOUT_S = 60
DEFAULT_ENGINE = "unix:///var/run/docker.sock"
ENGINE_FIX = "apt-get install docker.io && systemctl start docker, then check with: docker info"
ACCESS_FIX = "sudo usermod -aG docker $USER, then log in again; or run the grader as root"


def connect() -> docker.DockerClient:
    """Return a client of the engine; SandboxUnavailable with the fix if none answers."""
    try:
        _knock()
        client = docker.from_env(timeout=ENGINE_TIMEOUT_S, max_pool_size=16)
        client.ping()
    except PermissionError as error:
        raise SandboxUnavailable(
            f"The Docker engine doesn't let this user in: {error}", ACCESS_FIX
        ) from error
    except (DockerException, OSError) as error:
        raise SandboxUnavailable(f"No Docker engine answers: {error}", ENGINE_FIX) from error
    return client


def findings(info: dict[str, Any]) -> list[Finding]:
    """Check every need, given what the engine says of itself; each that isn't met carries its fix."""
    local = info["Name"] == socket.gethostname()
    has_seccomp = any("name=seccomp" in option for option in info["SecurityOptions"])
    return [
        Finding("Docker engine", True, f"version {info['ServerVersion']}"),
        Finding(
            "Docker engine on this machine",
            local,
            f"the engine calls its machine {info['Name']}",
            "" if local else "run the grader on the engine's machine and unset DOCKER_HOST",
        ),
        Finding(
            "seccomp in the Docker engine",
            has_seccomp,
            "offered" if has_seccomp else "not offered",
            "" if has_seccomp else "use a kernel with CONFIG_SECCOMP_FILTER and an engine built with seccomp",
        ),
        *cgroup.findings(),
    ]


def _knock() -> None:
    """Connect to the engine's socket; an OSError says plainly what the client library would wrap."""
    address = os.environ.get("DOCKER_HOST") or DEFAULT_ENGINE
    if address.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(address.removeprefix("unix://"))
