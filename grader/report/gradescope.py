"""results.json, the format that Gradescope reads from its autograders.

Gradescope gives every entry one visibility. So a test is an entry with its points and with what students see
of it now; what they see of it only after the due date stands in a further entry per exercise that is shown
then, and what they never see in a last one that only staff see. Which is which follows from three views of
the result, all made by the same filter as in the service: `now`, `later` and `whole`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from grader.errors import GraderError
from grader.judging.result import GradingResult, Outcome, Rejection, Status, TestResult
from grader.report import numbers, summary, text, words

VISIBLE, AFTER_DUE_DATE, HIDDEN = "visible", "after_due_date", "hidden"
_DECIMALS = 4

Entry = dict[str, Any]


def render_gradescope(now: GradingResult, later: GradingResult, whole: GradingResult) -> str:
    """Return results.json as text, in ASCII; tests of the three views correspond one by one.

    Raises GraderError for a run that failed by our own fault: Gradescope has no way to say that but to get no
    results.json at all, and a score it must not be.
    """
    if whole.status is Status.GRADER_PROBLEM:
        raise GraderError(f"There is no result for Gradescope: {whole.problem}")
    if whole.status is Status.REJECTED:
        entries = [_rejection(whole.rejected, whole.max_score)]
    else:
        entries = [*_scored(now), *_held_back(now, later, whole)]
    results = {
        "score": _figure(whole.score) or 0.0,
        "execution_time": _whole_seconds(now),
        "output": _overview(now),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "stdout_visibility": HIDDEN,
        "tests": entries,
        "extra_data": {
            key: now.provenance[key] for key in ("unit_digest", "submission_digest") if key in now.provenance
        },
    }
    return json.dumps(results, indent=2, allow_nan=False) + "\n"


def _scored(now: GradingResult) -> Iterator[Entry]:
    for number, group in enumerate(summary.groups(now), start=1):
        for place, test in enumerate(group.tests, start=1):
            entry: Entry = {
                "name": f"{group.title}: {_name(test)}",
                "number": f"{number}.{place}",
                "status": "passed" if test.outcome is Outcome.PASSED else "failed",
                "output": _output(test),
                "visibility": VISIBLE,
            }
            if test.points or test.max_points:  # tests of given code have none
                entry |= {"score": _figure(test.points), "max_score": _figure(test.max_points)}
            yield entry


def _held_back(now: GradingResult, later: GradingResult, whole: GradingResult) -> Iterator[Entry]:
    """Yield the entries without points: one per exercise for after the due date, one for staff."""
    opened: dict[str, list[str]] = {}
    for test, known in zip(later.tests, now.tests, strict=True):
        if difference := _difference(known, test):
            opened.setdefault(test.group, []).append(difference)
    for group, parts in opened.items():
        name = f"{words.group_title(group)}: more about its hidden tests"
        yield {"name": name, "output": "\n\n".join(parts), "visibility": AFTER_DUE_DATE}
    for_staff = [_difference(known, test) for test, known in zip(whole.tests, later.tests, strict=True)]
    for flag in whole.review[len(later.review) :]:
        for_staff.append(f"For review: {text.clean_line(flag.file)}:{flag.line}: {text.clean(flag.text)}")
    facts = {key: value for key, value in whole.provenance.items() if key not in later.provenance}
    if facts:
        for_staff.append("What is needed to grade again:\n" + json.dumps(facts, indent=1))
    if any(for_staff):
        yield {"name": "For staff", "output": "\n\n".join(filter(None, for_staff)), "visibility": HIDDEN}


def _difference(known: TestResult, test: TestResult) -> str:
    """Return in words what `test` tells beyond `known`, the same test as others see it; "" if nothing."""
    parts = []
    if test.message != known.message:
        parts.append(text.clean(test.message))
    if test.hint is not None and test.hint != known.hint:
        parts.append(f"Hint: {text.clean(test.hint.text)}")
    if test.id == known.id and not parts:
        return ""
    name = _name(test) if test.id == known.id else f"{_name(known)} is {_name(test)}"
    return "\n".join([f"{name} ({words.OUTCOME_WORDS[test.outcome]})", *parts])


def _overview(now: GradingResult) -> str:
    lines = [summary.headline(now)]
    if now.status is Status.GRADED:
        lines.append(f"{numbers.points(now.score)} of {numbers.points(now.max_score)} points")
    fixes = summary.fixes(now)[: summary.MAX_FIXES]
    if fixes:
        lines += ["", "What to fix first:"]
        lines += [f"{number}. {text.clean(fix.hint.text)}" for number, fix in enumerate(fixes, start=1)]
    if now.mnist is not None and summary.is_finished(now.mnist):
        mnist = now.mnist
        reached, needed = numbers.percent(mnist.accuracy), numbers.percent(mnist.threshold)
        lines += ["", f"MNIST: accuracy {reached}, needed {needed}"]
        lines.append(f"CPU time {numbers.ratio(mnist.ratio)} the reference's")
    if now.notes:
        lines += ["", "About your hand-in:", *(text.clean(note) for note in now.notes)]
    return "\n".join(lines)


def _rejection(reasons: tuple[Rejection, ...], max_score: float) -> Entry:
    listed = [f"{text.clean_line(each.path) or 'hand-in'}: {text.clean(each.text)}" for each in reasons]
    return {
        "name": "Your files can be graded",
        "status": "failed",
        "score": 0.0,
        "max_score": _figure(max_score),
        "output": "\n".join(listed),
        "visibility": VISIBLE,
    }


def _output(test: TestResult) -> str:
    parts = [] if test.outcome in (Outcome.PASSED, Outcome.FAILED) else [words.OUTCOME_WORDS[test.outcome]]
    parts += [text.clean(test.message)] if test.message else []
    parts += [f"Hint: {text.clean(test.hint.text)}"] if test.hint is not None else []
    return "\n".join(parts)


def _name(test: TestResult) -> str:
    return text.clean_line(words.test_name(test))


def _figure(value: object) -> float | None:
    number = numbers.finite(value)
    return None if number is None else round(number, _DECIMALS)


def _whole_seconds(result: GradingResult) -> int:
    return math.ceil(numbers.total(test.duration_s for test in result.tests))
