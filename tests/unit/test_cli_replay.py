"""`grader replay`: which reports it takes."""

from pathlib import Path

import pytest

from grader.report.json_schema import to_strict_json
from grader.settings import CHECKOUT
from tests.cast import grader_problem, reference, rejected
from tests.command import assert_help, assert_usage_error, grader

REFERENCE = CHECKOUT / "reference" / "nn"


def test_help():
    assert_help(grader("replay", "--help"), "REPORT.json PATH", "--sandbox", "own sandbox")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument 'REPORT.json'"),
        (["no/report.json", REFERENCE], "does not exist"),
        ([REFERENCE], "Missing argument 'PATH'"),
        ([CHECKOUT / "README.md", REFERENCE], "is not a report of this grader"),
        ([REFERENCE, REFERENCE], "is not a report of this grader"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[object], said: str):
    assert_usage_error(grader("replay", *arguments), said)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (rejected, "there are no verdicts to compare"),
        (grader_problem, "there are no verdicts to compare"),
        (reference, "its files differ"),
    ],
)
def test_a_report_of_something_else_is_refused(tmp_path: Path, make, said: str):
    report = tmp_path / "report.json"
    report.write_text(to_strict_json(make()), encoding="utf-8")
    assert_usage_error(grader("replay", report, REFERENCE), said)
