"""Wall time of one hand-in, from a warm pool, beside one `docker run` per submission."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.baseline import Baseline, prepared_baseline
from bench.measurements import PLAIN, Measurements
from bench.subjects import Subject
from grader.judging.events import Event, TestFinished
from grader.judging.job import Job
from grader.judging.pool import ExaminerPool
from grader.judging.result import GradingResult, Visibility

EXERCISES = "exercises"


@dataclass(frozen=True)
class TimedRun:
    """One graded hand-in; seconds since the pool accepted the call."""

    result: GradingResult
    whole_s: float
    finished_s: list[tuple[float, TestFinished]]

    @property
    def first_result_s(self) -> float:
        """When the first test had its verdict."""
        return self.finished_s[0][0]

    @property
    def public_tests_s(self) -> float:
        """When the last public test had its verdict; they run first."""
        return max(at for at, event in self.finished_s if event.result.visibility == Visibility.PUBLIC)

    @property
    def exercises_s(self) -> float:
        """How long the exercises took, each from the verdict before it to its own."""
        return sum(
            at - before
            for (before, _), (at, event) in zip(self.finished_s, self.finished_s[1:], strict=False)
            if event.result.group == EXERCISES
        )

    @property
    def unit_tests_s(self) -> float:
        """From the call to the last verdict, without the time that the exercises took."""
        return self.finished_s[-1][0] - self.exercises_s


class WarmPool:
    """A pool that is warmed only when asked, so that no warming disturbs a measurement."""

    def __init__(self, pool: ExaminerPool):
        self._pool = pool

    def warm(self) -> float:
        """Start an examiner with its two sandboxes; return the seconds until it is ready."""
        start_s = time.perf_counter()
        self._pool.fill()
        self._pool.wait_until_warm()
        return time.perf_counter() - start_s

    def grade(self, job: Job) -> TimedRun:
        """Grade one job and time its events."""
        finished: list[tuple[float, TestFinished]] = []
        start_s = time.perf_counter()

        def on_event(event: Event) -> None:
            if isinstance(event, TestFinished):
                finished.append((time.perf_counter() - start_s, event))

        result = self._pool.grade(job, on_event)
        return TimedRun(result, time.perf_counter() - start_s, finished)


@contextmanager
def warm_pool(subject: Subject, sandbox: str) -> Iterator[WarmPool]:
    """Make a pool for one sandbox with one examiner, which is warming."""
    with ExaminerPool(subject.unit.name, sandbox, subject.settings, refill=False) as pool:
        yield WarmPool(pool)


def measure(subject: Subject, measurements: Measurements, repetitions: int) -> None:
    """Grade the reference without MNIST in each sandbox and in the plain baseline, in turns."""
    with ExitStack() as stack:
        baseline = plain_baseline(stack, subject)
        for number in range(repetitions):
            subject.progress(f"submissions: round {number + 1} of {repetitions}")
            if baseline is not None:
                plain = baseline.run()
                measurements.add("first_result_s", PLAIN, plain.first_result_s)
                measurements.add("public_tests_s", PLAIN, plain.wall_s)
            for backend in subject.sandboxes:
                _measure_once(subject, backend.name, measurements, seed=number)


def plain_baseline(stack: ExitStack, subject: Subject) -> Baseline | None:
    """Return the baseline, warmed by one run that doesn't count; None where docker is not measured."""
    if "docker" not in {backend.name for backend in subject.sandboxes}:
        return None
    baseline = stack.enter_context(prepared_baseline(subject.unit, subject.settings))
    baseline.run()
    return baseline


def _measure_once(subject: Subject, sandbox: str, measurements: Measurements, seed: int) -> None:
    with warm_pool(subject, sandbox) as pool:
        measurements.add("cold_start_s", sandbox, pool.warm())
        run = pool.grade(subject.job(seed, with_mnist=False))
    for row in ("first_result_s", "public_tests_s", "unit_tests_s", "exercises_s"):
        measurements.add(row, sandbox, getattr(run, row))
