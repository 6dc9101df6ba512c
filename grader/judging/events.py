"""What the judge says while it works: small values for whoever shows progress.

The judge calls one function, `on_event(event)`, in its own thread and in this order:
PhaseStarted, then any number of TestFinished or EpochFinished, then PhaseFinished; then
the next phase. Events are for show only: the verdict is the GradingResult, and a run
whose events nobody reads ends the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.judging.result import Epoch, TestResult


@dataclass(frozen=True)
class PhaseStarted:
    """A part of the run begins; `name` is stable, `title` is for people ("Public tests")."""

    name: str
    title: str


@dataclass(frozen=True)
class TestFinished:
    """Test number `done` (1-based) of the `total` in this phase has its result."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    result: TestResult
    done: int
    total: int


@dataclass(frozen=True)
class EpochFinished:
    """Epoch number `epoch` (1-based) of the `of` in the MNIST run is over.

    `reference` is the reference's same epoch, None while it has not been run.
    """

    epoch: int
    of: int
    student: Epoch
    reference: Epoch | None


@dataclass(frozen=True)
class PhaseFinished:
    """The part of the run called `name` is over after `duration_s` seconds of wall time."""

    name: str
    duration_s: float


Event = PhaseStarted | TestFinished | EpochFinished | PhaseFinished
OnEvent = Callable[[Event], None]
