"""The words that every report uses for the same thing."""

from __future__ import annotations

from grader.judging.result import GradingResult, Outcome, Status
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


def count(number: int, noun: str) -> str:
    """Return `1 test` or `3 tests`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def headline(result: GradingResult) -> str:
    """Return one plain sentence that says how the run went."""
    if result.status is Status.REJECTED:
        return "The hand-in could not be accepted. Change what is listed below, then hand in again."
    if result.status is Status.GRADER_PROBLEM:
        return "Something went wrong on our side. This is not your fault and costs you nothing."
    if not result.tests:
        return "No test was run."
    failing = sum(test.outcome is not Outcome.PASSED for test in result.tests)
    earned = numbers.total(test.points for test in result.tests)
    share = earned / (numbers.finite(result.max_score, low=1.0) or 1.0)
    if failing == 0:
        full = (numbers.finite(result.score) or 0.0) >= (numbers.finite(result.max_score) or 0.0)
        return "Everything works. Well done." if full else "Every test passes."
    if earned == 0.0:
        return "Nothing earns points yet. Start with the first exercise and work down the list."
    to_go = f"{failing} of {count(len(result.tests), 'test')} still {'fails' if failing == 1 else 'fail'}."
    if share >= 0.8:
        return f"Almost there: {to_go}"
    if share >= 0.4:
        return f"Much of it works: {to_go}"
    return f"A start is made: {to_go}"
