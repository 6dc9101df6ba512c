"""The sandbox of a name, ready to be launched, or the reason why this machine can't."""

from __future__ import annotations

from grader.sandbox.interface import Backend
from grader.sandbox.selection import backends
from grader.settings import Settings
from redteam.observation import NotRun


def prepared(sandbox: str, settings: Settings) -> Backend:
    """Return the backend of this name, prepared; NotRun with all that it lacks here."""
    backend = next(found for found in backends(settings) if found.name == sandbox)
    unmet = [f"{need.need}: {need.detail}" for need in backend.findings() if not need.ok]
    if unmet:
        raise NotRun(f"{sandbox}: {'; '.join(unmet)}")
    backend.prepare()
    return backend
