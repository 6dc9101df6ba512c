"""What all reports say alike: points per exercise, and what to fix first."""

from __future__ import annotations

from dataclasses import dataclass

from grader.judging.result import GradingResult, Hint, MnistResult, Outcome, Status, TestResult
from grader.report import numbers, words

MAX_FIXES = 5
_NOT_WRITTEN_YET = "not-implemented"


@dataclass(frozen=True)
class Group:
    """The tests of one exercise, in the order they were run."""

    name: str
    title: str
    tests: tuple[TestResult, ...]

    @property
    def points(self) -> float:
        """Points earned."""
        return numbers.total(test.points for test in self.tests)

    @property
    def max_points(self) -> float:
        """Points to be had."""
        return numbers.total(test.max_points for test in self.tests)

    @property
    def tally(self) -> str:
        """The points in words: `8 of 16`, `−30`, or `no points`."""
        return words.tally(self.points, self.max_points)

    @property
    def passed(self) -> int:
        """Number of tests passed."""
        return sum(test.outcome is Outcome.PASSED for test in self.tests)

    @property
    def failing(self) -> tuple[TestResult, ...]:
        """The tests that did not pass."""
        return tuple(test for test in self.tests if test.outcome is not Outcome.PASSED)

    @property
    def share(self) -> float:
        """Points earned over points to be had, 0 to 1; share of passed tests where there are no points."""
        if self.max_points > 0:
            return min(1.0, max(0.0, self.points / self.max_points))
        return self.passed / len(self.tests)


@dataclass(frozen=True)
class Fix:
    """One known mistake, the points it stands in the way of and the tests that show it."""

    hint: Hint
    points: float
    tests: tuple[TestResult, ...]


def groups(result: GradingResult) -> list[Group]:
    """Return the tests by exercise, exercises in the order of their first test."""
    members: dict[str, list[TestResult]] = {}
    for test in result.tests:
        members.setdefault(test.group, []).append(test)
    return [Group(name, words.group_title(name), tuple(tests)) for name, tests in members.items()]


def fixes(result: GradingResult) -> list[Fix]:
    """Return the distinct hints of failing tests, most points first.

    Parts that are not written yet come last: a mistake in what is written is quicker to mend.
    """
    hinted: dict[str, list[TestResult]] = {}
    for test in result.tests:
        if test.hint is not None and test.outcome is not Outcome.PASSED:
            hinted.setdefault(test.hint.code, []).append(test)
    found = []
    for tests in hinted.values():
        hint = tests[0].hint
        assert hint is not None
        lost = numbers.total(test.max_points for test in tests) - numbers.total(test.points for test in tests)
        found.append(Fix(hint, lost, tuple(tests)))
    mnist = result.mnist
    if mnist is not None and mnist.hint is not None and mnist.hint.code not in hinted:
        found.append(Fix(mnist.hint, 0.0, ()))
    return sorted(found, key=lambda fix: (fix.hint.code == _NOT_WRITTEN_YET, -fix.points))


def dearest_failure(result: GradingResult) -> TestResult | None:
    """Return the failing test that costs most, the first of several; None where all passed."""
    failing = [test for test in result.tests if test.outcome is not Outcome.PASSED]
    return max(failing, key=lambda test: numbers.finite(test.max_points) or 0.0, default=None)


def is_finished(mnist: MnistResult) -> bool:
    """Whether the run got to its end; only then has it an accuracy and a time that mean something."""
    return (numbers.finite(mnist.ratio) or 0.0) > 0


def earned(result: GradingResult) -> float:
    """Return the points that the tests earned, before deductions."""
    return numbers.total(test.points for test in result.tests if (numbers.finite(test.points) or 0.0) > 0)


def deduction(result: GradingResult) -> float:
    """Return the points taken off: a broken rule is a test with negative points."""
    return -numbers.total(test.points for test in result.tests if (numbers.finite(test.points) or 0.0) < 0)


def broken_rule(result: GradingResult) -> TestResult | None:
    """Return the test that took points off; None where nothing did."""
    return next((test for test in result.tests if (numbers.finite(test.points) or 0.0) < 0), None)


def headline(result: GradingResult) -> str:
    """Return one plain sentence that says how the run went."""
    if result.status is Status.REJECTED:
        return "The hand-in could not be accepted. Change what is listed below, then hand in again."
    if result.status is Status.GRADER_PROBLEM:
        return "Something went wrong on our side. This is not your fault and costs you nothing."
    if not result.tests:
        return "No test was run."
    failing = sum(test.outcome is not Outcome.PASSED for test in result.tests)
    share = earned(result) / (numbers.finite(result.max_score, low=1.0) or 1.0)
    if failing == 0:
        full = (numbers.finite(result.score) or 0.0) >= (numbers.finite(result.max_score) or 0.0)
        return "Everything works. Well done." if full else "Every test passes."
    if share == 0.0:
        return "Nothing earns points yet. Start with the first exercise and work down the list."
    to_go = (
        f"{failing} of {words.count(len(result.tests), 'test')} still {'fails' if failing == 1 else 'fail'}."
    )
    if share >= 0.8:
        return f"Almost there: {to_go}"
    if share >= 0.4:
        return f"Much of it works: {to_go}"
    return f"A start is made: {to_go}"
