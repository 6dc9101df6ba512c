"""Points counted anew from a run's outcomes, where only points have changed. Nothing is executed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.judging.plugin import TestPlace
from grader.judging.result import GradingResult, Outcome, TestResult
from grader.judging.scoring import MNIST_GROUP, RULES_GROUP, mnist_tests, share_points, total
from grader.units import Unit


def rescored(old: GradingResult, unit: Unit) -> GradingResult:
    """Return the result as the unit's points make it.

    The unit differs from what graded in points alone (see `points_only`). Raises UnitError if it gives points
    that no test can earn.
    """
    tests = tuple(_rescored(old, unit))
    provenance = {**old.provenance, "unit_digest": unit.digest}
    return replace(old, tests=tests, score=total(tests), provenance=provenance)


def _rescored(old: GradingResult, unit: Unit) -> Iterator[TestResult]:
    own = [test for test in old.tests if test.group not in (MNIST_GROUP, RULES_GROUP)]
    points = share_points(unit, [TestPlace(test.id, test.visibility, test.group, ()) for test in own])
    if old.mnist is None or unit.mnist is None:
        timed = {}
    else:
        timed = {test.id: test.max_points for test in mnist_tests(unit, old.mnist)}
    for test in old.tests:
        if test.group == RULES_GROUP:
            yield replace(test, points=-unit.off_limits.cost_points)
            continue
        most = timed.get(test.id, test.max_points) if test.group == MNIST_GROUP else points[test.id]
        yield replace(test, points=most if test.outcome is Outcome.PASSED else 0.0, max_points=most)
