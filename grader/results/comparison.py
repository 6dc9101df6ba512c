"""Two results of the same unit side by side, test by test."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from grader.judging.result import GradingResult, MnistResult, Outcome, TestResult
from grader.report import numbers, words
from grader.report.summary import is_finished
from grader.results.visibility import Filter, filtered

_RULES = "rules::"


class Change(enum.StrEnum):
    """What became of a test from one result to the next."""

    FIXED = "fixed"
    BROKEN = "broken"
    STILL_FAILING = "still failing"
    STILL_PASSING = "still passing"
    ADDED = "new"
    REMOVED = "no longer there"


@dataclass(frozen=True)
class TestChange:
    """One test before and after, as it may be shown; None where one of the runs did not have it."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    name: str
    group_title: str
    change: Change
    before: TestResult | None
    after: TestResult | None

    @property
    def points(self) -> float:
        """Points gained; lost ones are negative."""
        gained = 0.0 if self.after is None else self.after.points
        return gained - (0.0 if self.before is None else self.before.points)


@dataclass(frozen=True)
class Figure:
    """One number before and after, in words; `better` is None where it stayed or can't be told."""

    name: str
    before: str
    after: str
    difference: str
    better: bool | None


@dataclass(frozen=True)
class Comparison:
    """All figures, and all tests in the order of the later run."""

    figures: tuple[Figure, ...]
    tests: tuple[TestChange, ...]

    def of(self, *changes: Change) -> tuple[TestChange, ...]:
        """Return the tests that changed in one of these ways."""
        return tuple(test for test in self.tests if test.change in changes)


def compare(before: GradingResult, after: GradingResult, allowed: Filter) -> Comparison:
    """Return what changed between two whole reports, as the filter lets it through.

    Tests are matched by what they are before names are taken away, so that `Hidden test 1` is never
    set beside another hidden test, even if the unit's tests have changed in between.
    """
    return Comparison(tuple(_figures(before, after)), tuple(_tests(before, after, allowed)))


def _tests(before: GradingResult, after: GradingResult, allowed: Filter) -> Iterator[TestChange]:
    old, new = _by_id(before, allowed), _by_id(after, allowed)
    for test_id in dict.fromkeys((*new, *old)):
        was, now = old.get(test_id), new.get(test_id)
        shown = now or was
        assert shown is not None
        yield TestChange(words.test_name(shown), words.group_title(shown.group), _change(was, now), was, now)


def _by_id(result: GradingResult, allowed: Filter) -> dict[str, TestResult]:
    """Return the tests as they may be shown, by the ids that they really have."""
    shown = filtered(result, allowed).tests
    return {test.id: as_shown for test, as_shown in zip(result.tests, shown, strict=True)}


def _change(before: TestResult | None, after: TestResult | None) -> Change:
    """A rule is a test only where it was broken, so a rule that is no longer there is kept now."""
    if before is None or after is None:
        test = before or after
        is_rule = test is not None and test.id.startswith(_RULES)
        if before is None:
            return Change.BROKEN if is_rule else Change.ADDED
        return Change.FIXED if is_rule else Change.REMOVED
    passed, passes = before.outcome is Outcome.PASSED, after.outcome is Outcome.PASSED
    if passed == passes:
        return Change.STILL_PASSING if passes else Change.STILL_FAILING
    return Change.FIXED if passes else Change.BROKEN


def _figures(before: GradingResult, after: GradingResult) -> Iterator[Figure]:
    yield _figure("Score", before.score, after.score, "points")
    runs = [run if run is not None and is_finished(run) else None for run in (before.mnist, after.mnist)]
    if any(runs):
        was, now = runs
        yield _figure("MNIST accuracy", _of(was, "accuracy"), _of(now, "accuracy"), "percent")
        yield _figure("MNIST time against the reference", _of(was, "ratio"), _of(now, "ratio"), "ratio")


def _of(run: MnistResult | None, field: str) -> object:
    return None if run is None else getattr(run, field)


def _figure(name: str, before: object, after: object, kind: str) -> Figure:
    show = {"points": numbers.points, "percent": numbers.percent, "ratio": numbers.ratio}[kind]
    was, now = numbers.finite(before), numbers.finite(after)
    if was is None or now is None or show(was) == show(now):
        same = "" if was is None or now is None else "the same"
        return Figure(name, show(before), show(after), same, None)
    sign = "+" if now > was else "−"
    size = abs(now - was)
    text = f"{100 * size:.1f} %" if kind == "percent" else f"{size:.2f} ×" if kind == "ratio" else show(size)
    return Figure(name, show(was), show(now), f"{sign}{text}", (now < was) if kind == "ratio" else now > was)
