"""Which sandbox to grade in."""

from __future__ import annotations

from grader.errors import SandboxUnavailable, UsageError
from grader.sandbox.bubblewrap import BubblewrapBackend
from grader.sandbox.docker import DockerBackend
from grader.sandbox.interface import Backend, Finding
from grader.settings import SANDBOXES, Settings


def backends(settings: Settings) -> list[Backend]:
    """Return every backend, the preferred first; nothing is checked or started."""
    return [
        DockerBackend(settings.data_dir, settings.docker_base_image),
        BubblewrapBackend(settings.data_dir),
    ]


def choose(name: str, settings: Settings) -> Backend:
    """Return the backend of this name, or for "auto" Docker wherever an engine answers, else bubblewrap.

    The choice is by what the host offers, never by what has been built: `prepare` builds.
    Raises UsageError for another name, SandboxUnavailable with the fix for each backend that
    was asked for and can't run here.
    """
    if name not in ("auto", *SANDBOXES):
        raise UsageError(f"There is no sandbox {name!r}; there are auto, {', '.join(SANDBOXES)}.")
    refused: list[Finding] = []
    for backend in backends(settings):
        if name in ("auto", backend.name):
            unmet = backend.unmet_needs()
            if not unmet:
                return backend
            refused += unmet
    raise SandboxUnavailable(
        "Student code can't be run safely here: "
        + "; ".join(f"{finding.need}: {finding.detail}" for finding in refused)
        + ".",
        " — or — ".join(dict.fromkeys(finding.fix for finding in refused)),
    )
