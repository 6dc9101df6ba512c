"""The words that every report uses for the same thing."""

from __future__ import annotations

from grader.judging.result import Outcome, TestResult
from grader.report import numbers

OUTCOME_WORDS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.TIMEOUT: "ran out of time",
    Outcome.CRASHED: "crashed",
    Outcome.OUT_OF_MEMORY: "ran out of memory",
    Outcome.OUTPUT_LIMIT: "printed too much",
    Outcome.DISK_LIMIT: "filled the disk",
    Outcome.PIDS_LIMIT: "too many processes",
    Outcome.SKIPPED: "not run",
}

_ABBREVIATIONS = {"sgd": "SGD", "mnist": "MNIST", "mse": "MSE", "relu": "ReLU", "2d": "2D"}


def group_title(group: str) -> str:
    """Return a group's name for people: `cross_entropy` becomes `Cross entropy`."""
    words = [_ABBREVIATIONS.get(word, word) for word in group.replace("-", "_").split("_") if word]
    title = " ".join(words)
    return title[:1].upper() + title[1:]


def test_name(test: TestResult) -> str:
    """Return a test's name without its file; `mnist::accuracy`, which has none, becomes `mnist accuracy`."""
    return name_of(test.id)


def name_of(test_id: str) -> str:
    """Return the name for people of the test with this id, as `test_name` does."""
    place, _, name = test_id.partition("::")
    return name if place.endswith(".py") and name else f"{place} {name}".replace("_", " ").strip()


def tally(points: float, max_points: float) -> str:
    """Return `8 of 16`; `−30` for a deduction; `no points` where none are at stake."""
    if max_points:
        return f"{numbers.points(points)} of {numbers.points(max_points)}"
    return numbers.points(points) if points else "no points"


def count(number: int, noun: str) -> str:
    """Return `1 test` or `3 tests`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
