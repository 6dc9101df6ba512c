"""What a worker grades with: a warm examiner per slot and unit, each slot on a core of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

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


VERSIONS_WARM = 2  # per slot and unit: the usual one, and the one that a regrade runs by


@dataclasses.dataclass(frozen=True)
class _WarmUnit:
    name: str
    root: Path
    digest: str
    pool: ExaminerPool


class Examiners:
    """The real grader: warm examiners with sandboxes. Making it builds the sandbox if it is not there yet.

    A unit whose files have changed gets new examiners, so that a run never meets half of a change. Another
    version of a unit has examiners of its own from its first run on; of each unit those versions stay warm
    that were graded by last, so many as VERSIONS_WARM.
    Raises SandboxUnavailable with the fix if student code can't be run safely here.
    """

    def __init__(self, settings: Settings, slots: int, *, with_mnist: bool = True):
        self.sandbox = prepared_sandbox(None, settings, lambda line: log.info("sandbox", line=line))
        self._backend = choose(self.sandbox, settings)
        self._with_mnist = with_mnist
        self._settings = [
            dataclasses.replace(settings, student_core=core) for core in cores_of(settings, slots)
        ]
        self._warm: dict[int, list[_WarmUnit]] = {slot: [] for slot in range(slots)}  # last used, last
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
                self._count = sum(entry.pool.count_warm() for entry in self._all())
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
            warm = self._all()
            self._warm = {slot: [] for slot in self._warm}
        for entry in warm:
            entry.pool.__exit__(None, None, None)

    def _pool(self, slot: int, unit: Unit) -> ExaminerPool:
        root = unit.hidden_tests.parent.parent
        with self._lock:
            ours = self._warm[slot]
            entry = next((each for each in ours if (each.name, each.root) == (unit.name, root)), None)
            unneeded = [] if entry is None or entry.digest == unit.digest else [entry]
            if entry is None or unneeded:
                settings = dataclasses.replace(self._settings[slot], units_root=root)
                pool = ExaminerPool(unit.name, self.sandbox, settings, with_mnist=self._with_mnist)
                entry = _WarmUnit(unit.name, root, unit.digest, pool.__enter__())
            others = [each for each in ours if each not in (*unneeded, entry)]
            same_unit = [each for each in others if each.name == unit.name]
            unneeded += same_unit[: len(same_unit) + 1 - VERSIONS_WARM]
            self._warm[slot] = [each for each in others if each not in unneeded] + [entry]
        for each in unneeded:
            with contextlib.suppress(GraderError):
                each.pool.__exit__(None, None, None)
        return entry.pool

    def _renew(self, unit_name: str) -> None:
        """Replace the unit's warm examiners in all slots."""
        with self._lock:
            pools = [entry.pool for entry in self._all() if entry.name == unit_name]
        for pool in pools:
            pool.renew()

    def _all(self) -> list[_WarmUnit]:
        return [entry for entries in self._warm.values() for entry in entries]


def cores_of(settings: Settings, slots: int) -> list[int]:
    """Return the core that each slot's timed runs are pinned to: the last ones, each once while they last."""
    cores = sorted(os.sched_getaffinity(0), reverse=True)
    if settings.student_core is not None:
        cores = [settings.student_core, *(core for core in cores if core != settings.student_core)]
    return [cores[slot % len(cores)] for slot in range(slots)]
