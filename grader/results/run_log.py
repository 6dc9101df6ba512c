"""What is kept of how a run went, for staff: what was stopped, the limits, the times, the versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.judging.result import GradingResult, Outcome, TestResult

ENDED_BY_THEMSELVES = (Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED)

Rows = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RunLog:
    """`stopped` are the tests that the sandbox ended, the rest rows of a name and its value."""

    stopped: tuple[TestResult, ...]
    skipped: int
    provenance: Rows
    limits: Rows
    timings: Rows


def run_log(result: GradingResult) -> RunLog:
    """Return what the report says of its run."""
    provenance = dict(result.provenance)
    limits, timings = provenance.pop("limits", {}), provenance.pop("timings_s", {})
    return RunLog(
        tuple(test for test in result.tests if test.outcome not in ENDED_BY_THEMSELVES),
        sum(test.outcome is Outcome.SKIPPED for test in result.tests),
        _rows(provenance),
        _rows(limits),
        _rows(timings),
    )


def _rows(data: Any) -> Rows:
    if not isinstance(data, Mapping):
        return ()
    return tuple(
        (str(name), f"{value:,}" if type(value) is int and name != "seed" else str(value))
        for name, value in data.items()
    )
