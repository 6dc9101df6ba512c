"""The worker of the crash tests: `python -m bench.service.worker GRADING`.

With GRADING `acted` it is real but for the grading: a run takes about a second and ends with a small
result. With `real` hand-ins are graded in the sandbox, without MNIST.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial

from grader.errors import StoppedError
from grader.jobs.execution import Grader
from grader.jobs.worker import run_worker
from grader.judging.events import OnEvent, PhaseFinished, PhaseStarted, TestFinished
from grader.judging.job import Job
from grader.judging.result import GradingResult, Outcome, Status, TestResult, Visibility
from grader.settings import Settings, load_settings
from grader.units import Unit

SLOTS = 2
TESTS = 10
SHORTEST_S, LONGEST_S = 0.5, 1.5


class ActedGrader:
    """Takes its time, tells of it, and finds nothing wrong."""

    sandbox = "none"

    def __init__(self, settings: Settings, slots: int):
        pass

    def warm(self, units: Iterable[Unit]) -> None:
        """Do nothing."""

    def grade(
        self, slot: int, unit: Unit, job: Job, on_event: OnEvent, should_stop: Callable[[], bool]
    ) -> GradingResult:
        """Return full marks after a while."""
        pause_s = random.uniform(SHORTEST_S, LONGEST_S) / TESTS
        on_event(PhaseStarted("public", "Public tests"))
        tests = []
        for number in range(1, TESTS + 1):
            time.sleep(pause_s)
            if should_stop():
                raise StoppedError("Nobody waits for this result any more.")
            test = TestResult(
                f"tests/test_acted.py::test_{number}",
                Visibility.PUBLIC,
                "acted",
                Outcome.PASSED,
                100 / TESTS,
                100 / TESTS,
            )
            tests.append(test)
            on_event(TestFinished(test, number, TESTS))
        on_event(PhaseFinished("public", pause_s * TESTS))
        provenance = {"unit_digest": unit.digest, "seed": job.seed, "submission_digest": job.digest}
        return GradingResult(unit.name, Status.GRADED, 100.0, tests=tuple(tests), provenance=provenance)

    def count_warm(self) -> int:
        return 0

    def remove_leftovers(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def _grader(grading: str) -> Callable[[Settings, int], Grader]:
    if grading == "acted":
        return ActedGrader
    from grader.jobs.examiners import Examiners

    return partial(Examiners, with_mnist=False)


if __name__ == "__main__":
    run_worker(
        load_settings(),
        SLOTS,
        on_ready=lambda: print("ready", flush=True),
        make_grader=_grader(sys.argv[1]),
    )
