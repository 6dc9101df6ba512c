"""What a worker grades with: a warm examiner per slot and unit, each slot on a core of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
from collections.abc import Callable, Iterable

import structlog

from grader.errors import GraderError, StoppedError
from grader.grading import prepared_sandbox
from grader.judging.events import OnEvent
from grader.judging.job import Job
from grader.judging.pool import ExaminerPool
from grader.judging.result import GradingResult
from grader.judging.run_limit import longest_run_s
from grader.sandbox.selection import choose
from grader.settings import Settings
from grader.units import Unit

log = structlog.get_logger("grader.jobs")


@dataclasses.dataclass(frozen=True)
class _WarmUnit:
    digest: str
    pool: ExaminerPool


class Examiners:
    """The real grader: warm examiners with sandboxes. Making it builds the sandbox if it is not there yet.

    A unit whose files have changed gets new examiners, so that a run never meets half of a change.
    Raises SandboxUnavailable with the fix if student code can't be run safely here.
    """

    def __init__(self, settings: Settings, slots: int, *, with_mnist: bool = True):
        self.sandbox = prepared_sandbox(None, settings, lambda line: log.info("sandbox", line=line))
        self._backend = choose(self.sandbox, settings)
        self._with_mnist = with_mnist
        self._settings = [
            dataclasses.replace(settings, student_core=core) for core in cores_of(settings, slots)
        ]
        self._warm: dict[tuple[int, str], _WarmUnit] = {}
        self._lock = threading.Lock()
        self._count = 0

    def warm(self, units: Iterable[Unit]) -> None:
        """Start an examiner for each slot and unit; they warm up in the background."""
        for unit in units:
            for slot in range(len(self._settings)):
                self._pool(slot, unit)

    def grade(
        self, slot: int, unit: Unit, job: Job, on_event: OnEvent, should_stop: Callable[[], bool]
    ) -> GradingResult:
        """See `Grader.grade`. After a failure of ours all slots get new examiners for the unit.

        What made the run fail may have hit them all: if Docker restarts, for example, every sandbox is gone.
        """
        job = dataclasses.replace(job, with_mnist=job.with_mnist and self._with_mnist)
        pool = self._pool(slot, unit)
        try:
            return pool.grade(job, on_event, limit_s=longest_run_s(unit), should_stop=should_stop)
        except StoppedError:
            raise
        except Exception:
            self._renew(unit.name)
            raise

    def count_warm(self) -> int:
        """See `Grader.count_warm`."""
        if self._lock.acquire(blocking=False):
            try:
                self._count = sum(entry.pool.count_warm() for entry in self._warm.values())
            finally:
                self._lock.release()
        return self._count

    def remove_leftovers(self) -> None:
        """Remove the sandboxes of dead workers; those of living ones are locked and stay."""
        try:
            removed = self._backend.remove_leftovers()
        except GraderError as error:  # a nuisance, and no reason not to grade
            log.warning("leftovers_not_removed", error=str(error))
            return
        if removed:
            log.info("leftovers_removed", leftovers=removed)

    def close(self) -> None:
        """End all examiners."""
        with self._lock:
            warm, self._warm = self._warm, {}
        for entry in warm.values():
            entry.pool.__exit__(None, None, None)

    def _pool(self, slot: int, unit: Unit) -> ExaminerPool:
        outdated = None
        with self._lock:
            entry = self._warm.get((slot, unit.name))
            if entry is None or entry.digest != unit.digest:
                outdated = entry
                pool = ExaminerPool(
                    unit.name, self.sandbox, self._settings[slot], with_mnist=self._with_mnist
                )
                entry = self._warm[slot, unit.name] = _WarmUnit(unit.digest, pool.__enter__())
        if outdated is not None:
            with contextlib.suppress(GraderError):
                outdated.pool.__exit__(None, None, None)
        return entry.pool

    def _renew(self, unit_name: str) -> None:
        """Replace the unit's warm examiners in all slots."""
        with self._lock:
            pools = [entry.pool for (_, name), entry in self._warm.items() if name == unit_name]
        for pool in pools:
            pool.renew()


def cores_of(settings: Settings, slots: int) -> list[int]:
    """Return the core that each slot's timed runs are pinned to: the last ones, each once while they last."""
    cores = sorted(os.sched_getaffinity(0), reverse=True)
    if settings.student_core is not None:
        cores = [settings.student_core, *(core for core in cores if core != settings.student_core)]
    return [cores[slot % len(cores)] for slot in range(slots)]
