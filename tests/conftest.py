"""Shared by all tests: where sandboxes are required, nothing is skipped, and Ctrl-C can be sent to programs.

With `GRADER_REQUIRE_SANDBOXES` set, as CI does, a test that skips itself fails instead.
Otherwise a machine without a sandbox would look as green as one where all were exercised.

A shell starts background jobs with SIGINT ignored, and what tests start and interrupt would ignore it, too.

Hypothesis keeps no time: a machine that runs tests is busy.
"""

import signal
from collections.abc import Generator

import hypothesis
import pytest

from grader.settings import load_settings

REQUIRED = load_settings().require_sandboxes

hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}\nGRADER_REQUIRE_SANDBOXES={','.join(REQUIRED)} forbids to skip."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_if_skipped(report)
    return report
