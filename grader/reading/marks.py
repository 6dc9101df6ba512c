"""What a run says of lines, for staff: what reading the code found, and where failed tests ended."""

from __future__ import annotations

import re
from collections.abc import Iterable

from grader.judging.result import GradingResult, Outcome, ReviewFlag, TestResult
from grader.report import words
from grader.report.text import clean_line

FAILED_HERE = "failed-here"
MAX_NAMED_TESTS = 3

_PLACE = re.compile(r"^  (\S.*), line (\d{1,7}), in ", re.MULTILINE)  # as grader.judging.messages writes it


def marks_of(result: GradingResult | None) -> list[ReviewFlag]:
    """Return all marks of a result; none without one."""
    return [] if result is None else [*result.review, *failures_in(result.tests)]


def failures_in(tests: Iterable[TestResult]) -> list[ReviewFlag]:
    """Return the lines at which failed tests ended, each once, with what they said."""
    ended: dict[tuple[str, int, str], list[str]] = {}
    for test in tests:
        places = _PLACE.findall(test.message)
        if test.outcome is not Outcome.PASSED and places:
            file, line = places[-1]
            error = clean_line(test.message.split("\n", 1)[0], 200)
            ended.setdefault((file, int(line), error), []).append(words.test_name(test))
    return [
        ReviewFlag(FAILED_HERE, file, line, f"{_named(names)}: {error}")
        for (file, line, error), names in ended.items()
    ]


def _named(names: list[str]) -> str:
    more = len(names) - MAX_NAMED_TESTS
    return ", ".join(names[:MAX_NAMED_TESTS]) + (f" and {more} more" if more > 0 else "")
