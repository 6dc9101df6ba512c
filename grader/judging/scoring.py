"""Points: who gets how many for what. Pure functions of the unit and the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.errors import UnitError
from grader.judging.plugin import TestPlace
from grader.judging.result import Hint, MnistResult, Outcome, ReviewFlag, TestResult, Visibility
from grader.units import Unit

MNIST_GROUP = "mnist"
RULES_GROUP = "rules"
UNTRAINED = "model-not-trained"
MAX_PLACES_SHOWN = 10
TOLERANCE = 1e-9  # of sums of points
NOT_ACCURATE = "The time counts only once the accuracy is reached."


def share_points(unit: Unit, places: Sequence[TestPlace]) -> dict[str, float]:
    """Return every test's points: its own if it has some, none if given, else an equal share of its group's.

    Raises UnitError if a group has points that no test can earn, or fewer than its tests have of their
    own, or if a test's group is unknown.
    """
    unknown = {place.group for place in places} - set(unit.points)
    if unknown:
        raise UnitError(f"unit {unit.name}: groups without points in unit.toml: {sorted(unknown)}")
    own = {place.id: unit.test_points[place.id] for place in places if place.id in unit.test_points}
    left = dict(unit.points)
    for place in places:
        left[place.group] -= own.get(place.id, 0.0)
    counted = [place for place in places if not unit.is_given(place.id) and place.id not in own]
    sizes = Counter(place.group for place in counted)
    empty = [group for group, points in left.items() if points > TOLERANCE and not sizes[group]]
    overspent = [group for group, points in left.items() if points < -TOLERANCE]
    if empty or overspent:
        raise UnitError(
            f"unit {unit.name}: groups whose points no test can earn: {sorted(empty)}; "
            f"groups whose tests have more points of their own: {sorted(overspent)}"
        )
    shares = {place.id: left[place.group] / sizes[place.group] for place in counted}
    return {place.id: own.get(place.id, shares.get(place.id, 0.0)) for place in places}


def mnist_tests(unit: Unit, mnist: MnistResult) -> list[TestResult]:
    """Return the timed run as two tests: accuracy, and time, which only an accurate run can earn."""
    if unit.mnist is None:
        return []
    accurate = mnist.outcome == Outcome.PASSED or mnist.accuracy >= mnist.threshold
    fast = accurate and 0 < mnist.ratio <= mnist.max_ratio
    failure = Outcome.FAILED if mnist.outcome == Outcome.PASSED else mnist.outcome
    only_inaccurate = mnist.ratio > 0 and not accurate
    rows = [
        ("accuracy", accurate, unit.mnist.points_accuracy, mnist.message),
        ("time", fast, unit.mnist.points_time, NOT_ACCURATE if only_inaccurate else mnist.message),
    ]
    return [
        TestResult(
            id=f"mnist::{name}",
            visibility=Visibility.HIDDEN,
            group=MNIST_GROUP,
            outcome=Outcome.PASSED if passed else failure,
            points=points if passed else 0.0,
            max_points=points,
            message="" if passed else message,
            hint=None if passed else mnist.hint,
            duration_s=mnist.wall_s if name == "accuracy" else 0.0,
        )
        for name, passed, points, message in rows
    ]


def off_limits_test(unit: Unit, uses: Sequence[ReviewFlag]) -> list[TestResult]:
    """Return the deduction for off-limits APIs as a test of its own; nothing if none was used."""
    if not uses:
        return []
    lines = [use.text for use in uses[:MAX_PLACES_SHOWN]]
    if len(uses) > MAX_PLACES_SHOWN:
        lines.append(f"… and {len(uses) - MAX_PLACES_SHOWN} more places")
    return [
        TestResult(
            id="rules::off_limits",
            visibility=Visibility.PUBLIC,
            group=RULES_GROUP,
            outcome=Outcome.FAILED,
            points=-unit.off_limits.cost_points,
            max_points=0.0,
            message="\n".join(lines),
            hint=unit.hint("off-limits-api"),
        )
    ]


def total(tests: Iterable[TestResult]) -> float:
    """Return the score: the sum of all points, at least 0, to the hundredth."""
    return max(0.0, round(sum(test.points for test in tests), 2))


def explain(results: Sequence[TestResult], explains: dict[str, tuple[str, ...]]) -> list[TestResult]:
    """Return the results, with the hints of hidden tests given to the public tests that they explain.

    Only a failed public test without a hint of its own takes one, and only if all of its
    explainers that failed with a hint agree. It is marked as lent: what it says is the hidden tests'.
    """
    hints: dict[str, set[Hint]] = {}
    for result in results:
        if result.hint is not None:
            for public_id in explains.get(result.id, ()):
                hints.setdefault(public_id, set()).add(result.hint)
    return [
        replace(result, hint=next(iter(hints[result.id])), hint_is_lent=True)
        if result.outcome == Outcome.FAILED and result.hint is None and len(hints.get(result.id, ())) == 1
        else result
        for result in results
    ]


def single_out(mnist: MnistResult, tests: Iterable[TestResult]) -> MnistResult:
    """Return the timed run, without its hint that the model is untrained if a test has named another mistake.

    An optimizer that does not reach the parameters leaves the model untrained too, for one.
    """
    if mnist.hint is None or mnist.hint.code != UNTRAINED:
        return mnist
    named = {test.hint.code for test in tests if test.hint is not None}
    return replace(mnist, hint=None) if named - {UNTRAINED} else mnist
