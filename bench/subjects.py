"""What is graded and where: the reference's job, and the sandboxes that this machine offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.grading import make_job
from grader.judging.job import Job
from grader.sandbox.interface import Backend
from grader.sandbox.selection import backends
from grader.settings import Settings
from grader.units import Unit, load_unit

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Subject:
    """The unit whose reference is graded, and the prepared sandboxes to grade it in."""

    unit: Unit
    settings: Settings
    sandboxes: tuple[Backend, ...]
    progress: Progress

    def job(self, seed: int, *, with_mnist: bool) -> Job:
        """Return the reference as a hand-in."""
        return make_job(self.unit.reference, self.unit, seed, with_mnist=with_mnist)


def find_subject(unit_name: str, sandbox: str | None, settings: Settings, progress: Progress) -> Subject:
    """Return the subject with the named sandbox, or all that work here; SandboxUnavailable with the fix."""
    found = []
    for backend in backends(settings):
        unmet = [finding for finding in backend.findings() if not finding.ok]
        if sandbox not in (None, backend.name):
            continue
        if unmet and sandbox is None:
            progress(f"{backend.name} is left out: {unmet[0].need}: {unmet[0].detail}")
            continue
        backend.prepare(progress)
        found.append(backend)
    return Subject(load_unit(unit_name, settings.units_root), settings, tuple(found), progress)
