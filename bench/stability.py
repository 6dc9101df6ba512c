"""Does a busy machine change a verdict? The reference, graded again and again, idle and under load."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from bench.measurements import Measurements
from bench.subjects import Subject
from bench.submissions import warm_pool
from grader.judging.result import GradingResult

CONDITIONS = ("idle", "busy")


def measure(subject: Subject, measurements: Measurements, runs: int) -> None:
    """Grade `runs` times per sandbox and condition, in turns, each with a seed of its own.

    A flip is a run in which the score or any test's outcome differs from the sandbox's first run.
    """
    first: dict[str, tuple[object, ...]] = {}
    for number in range(runs):
        for backend in subject.sandboxes:
            for condition in CONDITIONS:
                subject.progress(f"stability: round {number + 1} of {runs}, {backend.name}, {condition}")
                with warm_pool(subject, backend.name) as pool:
                    pool.warm()
                    with busy_cores() if condition == "busy" else nullcontext():
                        run = pool.grade(subject.job(number, with_mnist=True))
                mnist, verdict = run.result.mnist, _verdict(run.result)
                assert mnist is not None
                flipped = verdict != first.setdefault(backend.name, verdict)
                for row, value in (
                    ("mnist_ratio", mnist.ratio),
                    ("mnist_reference_cpu_s", mnist.reference_cpu_s),
                    ("score", run.result.score or 0.0),
                    ("flips", float(flipped)),
                    ("whole_run_s", run.whole_s),
                ):
                    measurements.add(f"{row}_{condition}", backend.name, value)


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep every core busy with a process of normal priority."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in os.sched_getaffinity(0)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def _verdict(result: GradingResult) -> tuple[object, ...]:
    return result.score, *sorted((test.id, test.outcome) for test in result.tests)
