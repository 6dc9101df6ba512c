"""Whether the same hand-in with the same seed got the same verdicts again."""

from __future__ import annotations

from grader.judging.result import GradingResult, TestResult


def verdict_differences(old: GradingResult, new: GradingResult) -> list[str]:
    """Return one line for each test whose outcome, points or hint differ, and one for the score."""
    before = {test.id: _verdict(test) for test in old.tests}
    after = {test.id: _verdict(test) for test in new.tests}
    lines = [
        f"{test_id}: {before.get(test_id, 'absent')} → {after.get(test_id, 'absent')}"
        for test_id in dict.fromkeys((*before, *after))
        if before.get(test_id) != after.get(test_id)
    ]
    if old.score != new.score:
        lines.append(f"score: {old.score} → {new.score}")
    return lines


def _verdict(test: TestResult) -> str:
    hint = "" if test.hint is None else f", hint {test.hint.code}"
    return f"{test.outcome} ({test.points:.6g} points{hint})"
