"""What grading must make of reference, template and samples: pure functions from a result to problems.

"Full marks" are the points of all tests that were run: without MNIST that is less than 100.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.judging.result import MAX_SCORE, GradingResult, Outcome, Status, TestResult
from grader.judging.samples import REJECTED, Sample, SampleKind
from grader.judging.scoring import MNIST_GROUP
from grader.report import numbers
from grader.units import Unit

MAX_MESSAGE_CHARS = 160


def needs_mnist(sample: Sample) -> bool:
    """Whether grading the sample says little without MNIST.

    That is so if the sample must or may lose points there, or claims to be correct, as full marks include
    MNIST's accuracy and time.
    """
    return sample.kind is SampleKind.DIFFERENT or MNIST_GROUP in (*sample.fails, *sample.affects)


def is_about_mnist_alone(sample: Sample) -> bool:
    """Whether nothing but MNIST tells the sample from the reference: without it there is no verdict."""
    return set(sample.fails) == {MNIST_GROUP}


def problems_of_reference(result: GradingResult) -> list[str]:
    """Return one line for each point that the reference does not get, and each flag that it raises."""
    return [*_unless_graded(result), *_losses(result), *_false_alarms(result)]


def problems_of_template(unit: Unit, result: GradingResult) -> list[str]:
    """Return one line for each point that the template gets, and each given test that it fails."""
    problems = _unless_graded(result)
    for test in result.tests:
        if test.points > 0:
            problems.append(f"{test.id} gives {test.points:g} points before a line is written")
        if unit.is_given(test.id) and test.outcome is not Outcome.PASSED:
            problems.append(f"{test.id} is said to be given, but {_verdict(test)}")
    return problems


def problems_of(sample: Sample, result: GradingResult) -> list[str]:
    """Return one line for each way in which grading the sample went otherwise than its case says."""
    if sample.kind is SampleKind.WRONG:
        return [*_unless_graded(result), *_wrong_problems(sample, result)]
    if sample.kind is SampleKind.DIFFERENT:
        return [
            *_unless_graded(result),
            *_losses(result),
            *_hint_problems(sample, result),
            *_false_alarms(result, sample.flags),
        ]
    return list(_hostile_problems(sample, result))


def hints_of(result: GradingResult) -> dict[str, str]:
    """Return every hint code in the report, with the first test that gives it."""
    found: dict[str, str] = {}
    for test in result.tests:
        if test.hint is not None:
            found.setdefault(test.hint.code, test.id)
    if result.mnist is not None and result.mnist.hint is not None:
        found.setdefault(result.mnist.hint.code, MNIST_GROUP)
    return found


def full_marks(result: GradingResult) -> float:
    """Return the points of all tests that were run."""
    return sum(test.max_points for test in result.tests)


def _unless_graded(result: GradingResult) -> list[str]:
    if result.status is Status.REJECTED:
        return [f"refused at intake: {rejection.text}" for rejection in result.rejected]
    if result.status is Status.GRADER_PROBLEM:
        return [f"the grader failed: {result.problem}"]
    return []


def _lost(result: GradingResult) -> list[TestResult]:
    return [test for test in result.tests if test.points < test.max_points]


def _losses(result: GradingResult) -> list[str]:
    return [f"{test.id} {_verdict(test)}" for test in _lost(result)]


def _verdict(test: TestResult) -> str:
    message = " ".join(test.message.split())
    short = message if len(message) <= MAX_MESSAGE_CHARS else message[:MAX_MESSAGE_CHARS] + "…"
    return f"{test.outcome}: {short}" if short else str(test.outcome)


def _wrong_problems(sample: Sample, result: GradingResult) -> Iterator[str]:
    if result.status is not Status.GRADED:
        return
    lost_in = {test.group for test in _lost(result)}
    if not lost_in:
        yield "not caught: it gets full marks"
    groups = {test.group for test in result.tests}
    for group in sample.fails:
        if group in groups and group not in lost_in:
            yield f"loses no points in {group}"
    yield from _hint_problems(sample, result)


def _hint_problems(sample: Sample, result: GradingResult) -> Iterator[str]:
    found = hints_of(result)
    if sample.hints and found.keys().isdisjoint(sample.hints):
        yield f"no hint {' or '.join(sample.hints)}"
    for code, test_id in found.items():
        if code not in sample.hints:
            yield f"wrong hint {code} at {test_id}"


def _false_alarms(result: GradingResult, fitting: Sequence[str] = ()) -> list[str]:
    return [f"flagged as {flag.code}: {flag.text}" for flag in result.review if flag.code not in fitting]


def _hostile_problems(sample: Sample, result: GradingResult) -> Iterator[str]:
    if result.status is Status.REJECTED and REJECTED in sample.outcomes:
        return
    yield from _unless_graded(result)
    if result.status is not Status.GRADED:
        return
    expected = ", ".join(sample.outcomes)
    lost = _lost(result)
    for test in lost:
        if test.group not in sample.affects:
            yield f"costs points in {test.group}, which it should not touch: {test.id} {_verdict(test)}"
        elif test.outcome not in sample.outcomes:
            yield f"{test.id} should end with {expected}, but {_verdict(test)}"
    if not lost and Outcome.PASSED not in sample.outcomes:
        yield f"gets full marks; its tests should end with {expected}"
    share = (result.score or 0.0) / full_marks(result)
    if share * MAX_SCORE > sample.max_score:
        reached = numbers.points(share * MAX_SCORE)
        yield f"gets {reached} % of the points; {sample.max_score:g} % would be acceptable"
