"""Which sandbox to grade in."""

from __future__ import annotations

from grader.errors import SandboxUnavailable, UsageError
from grader.sandbox.bubblewrap import BubblewrapBackend
from grader.sandbox.docker import DockerBackend
from grader.sandbox.interface import Backend
from grader.setting_values import SANDBOXES
from grader.settings import Settings


def backends(settings: Settings) -> tuple[DockerBackend, BubblewrapBackend]:
    """Return every backend, the preferred first; nothing is checked or started."""
    docker = DockerBackend(settings.data_dir, settings.docker_base_image)
    return docker, BubblewrapBackend(settings.data_dir)


def choose(name: str, settings: Settings) -> Backend:
    """Return the backend of this name; for "auto" Docker wherever an engine answers, else bubblewrap.

    An engine that answers but lacks a layer is an error, not a reason to try the other.
    Nothing is built: that is `prepare`. Raises UsageError for another name, SandboxUnavailable
    with every fix if the backend's needs aren't met here.
    """
    if name not in ("auto", *SANDBOXES):
        raise UsageError(f"There is no sandbox {name!r}; there are auto, {', '.join(SANDBOXES)}.")
    docker, bubblewrap = backends(settings)
    considered: list[Backend]
    if name == "auto":
        considered = [docker] if docker.engine_answers() else [bubblewrap, docker]
    else:
        considered = [backend for backend in (docker, bubblewrap) if backend.name == name]
    unmet = {backend: [need for need in backend.findings() if not need.ok] for backend in considered}
    if not unmet[considered[0]]:
        return considered[0]
    problems = [
        f"{backend.name}: {need.need}: {need.detail}" for backend, needs in unmet.items() for need in needs
    ]
    fixes = [" and ".join(need.fix for need in needs) for needs in unmet.values()]
    raise SandboxUnavailable(
        f"Student code can't be run safely here ({'; '.join(problems)}).", ", or ".join(fixes)
    )
