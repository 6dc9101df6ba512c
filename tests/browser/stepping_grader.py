"""A worker of its own process whose grading is acted step by step, at the test's command.

`python -m tests.browser.stepping_grader FOLDER`, with the settings in the environment; it prints `ready`
once it takes runs. A run tells the events of a half-done hand-in that is then graded as full marks; before
the event number N it waits while there is a file FOLDER/stop-before-N.
"""

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import structlog

from grader.errors import StoppedError
from grader.jobs.worker import run_worker
from grader.judging.events import EpochFinished, Event, OnEvent, PhaseFinished, PhaseStarted, TestFinished
from grader.judging.job import Job
from grader.judging.result import GradingResult
from grader.settings import load_settings
from grader.units import Unit
from tests import cast
from tests.factories import make_mnist

LOOK_S = 0.02
FIRST_TEST, FIRST_EPOCH = 2, 30  # numbers of these events


class SteppingGrader:
    """Waits before the events that the folder names."""

    sandbox = "none"

    def __init__(self, folder: Path):
        self._folder = folder

    def warm(self, units: Iterable[Unit]) -> None:
        pass

    def grade(
        self, slot: int, unit: Unit, job: Job, on_event: OnEvent, should_stop: Callable[[], bool]
    ) -> GradingResult:
        for number, event in enumerate(events(), start=1):
            while (self._folder / f"stop-before-{number}").exists():
                if should_stop():
                    raise StoppedError("Nobody waits for this result any more.")
                time.sleep(LOOK_S)
            on_event(event)
        result = cast.reference()
        return replace(result, provenance={**result.provenance, "unit_digest": unit.digest})

    def count_warm(self) -> int:
        return 0

    def remove_leftovers(self) -> None:
        pass

    def close(self) -> None:
        pass


def events() -> list[Event]:
    """Return the events of the run, in their order."""
    tests = [test for test in cast.half_done().tests if test.group != "mnist"]
    mnist = make_mnist()
    epochs = [
        EpochFinished(number, len(mnist.epochs), *both)
        for number, both in enumerate(zip(mnist.epochs, mnist.reference_epochs, strict=True), start=1)
    ]
    return [
        PhaseStarted("tests", "Running the tests"),
        *(TestFinished(test, done, len(tests)) for done, test in enumerate(tests, start=1)),
        PhaseFinished("tests", 4.2),
        PhaseStarted("mnist", "Training on MNIST"),
        *epochs,
        PhaseFinished("mnist", 11.3),
    ]


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    run_worker(
        load_settings(),
        1,
        on_ready=lambda: print("ready", flush=True),
        make_grader=lambda settings, slots: SteppingGrader(Path(sys.argv[1])),
    )
