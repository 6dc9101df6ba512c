"""Replay: what counts as a different verdict, and which reports can be replayed at all."""

import dataclasses
import json

import pytest

from grader.errors import UsageError
from grader.grading import read_report, replay_differences
from grader.judging.result import GradingResult, Hint, Outcome, Status
from grader.report.json_schema import to_strict_json
from grader.results.repeating import verdict_differences
from grader.settings import CHECKOUT, Settings
from tests.cast import grader_problem, reference, rejected
from tests.factories import make_result


def change_first(result: GradingResult, **changes: object) -> GradingResult:
    first, *others = result.tests
    return dataclasses.replace(result, tests=(dataclasses.replace(first, **changes), *others))


def test_the_same_verdicts_differ_in_nothing():
    assert verdict_differences(reference(), reference()) == []


def test_times_and_messages_are_no_verdicts():
    again = change_first(reference(), duration_s=9.0, message="other words")
    again = dataclasses.replace(again, provenance={}, pictures={}, mnist=None)
    assert verdict_differences(reference(), again) == []


def test_an_outcome_that_differs_is_named_with_its_points():
    old = make_result()
    new = change_first(old, outcome=Outcome.FAILED, points=0.0)
    (line,) = verdict_differences(old, new)
    assert line.startswith(old.tests[0].id)
    assert line.endswith("→ failed (0 points)")


def test_a_hint_that_differs_is_named():
    old = change_first(make_result(), outcome=Outcome.FAILED, hint=Hint("lr-ignored", "Use lr."))
    new = change_first(make_result(), outcome=Outcome.FAILED, hint=Hint("param-rebound", "In place."))
    (line,) = verdict_differences(old, new)
    assert "lr-ignored" in line and "param-rebound" in line


def test_tests_that_come_or_go_are_named():
    old = make_result()
    fewer = dataclasses.replace(old, tests=old.tests[1:])
    assert verdict_differences(old, fewer)[0].endswith("→ absent")
    assert ": absent →" in verdict_differences(fewer, old)[0]


def test_the_score_is_compared():
    other = dataclasses.replace(make_result(), score=12.5)
    assert verdict_differences(make_result(), other) == [f"score: {make_result().score} → 12.5"]


def test_a_report_is_read_back(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(to_strict_json(reference()), encoding="utf-8")
    assert read_report(path).to_json() == json.loads(to_strict_json(reference()))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "no json", '{"schema": 1}', '{"schema": 2}', "\x00", "null", "[" * 100_000],
)
def test_what_is_no_report_is_refused_without_a_stack_trace(tmp_path, text: str):
    path = tmp_path / "report.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="not a report of this grader"):
        read_report(path)


def test_what_is_no_text_is_refused(tmp_path):
    path = tmp_path / "report.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not a report of this grader"):
        read_report(path)
    with pytest.raises(UsageError):
        read_report(tmp_path)


def test_the_place_of_a_malformed_value_is_named(tmp_path):
    report = reference().to_json()
    report["tests"][0]["outcome"] = "fine"
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    with pytest.raises(UsageError, match=r"tests\[0\]\.outcome"):
        read_report(path)


@pytest.mark.parametrize("make", [rejected, grader_problem])
def test_a_run_without_verdicts_can_not_be_replayed(make):
    result = make()
    assert result.status is not Status.GRADED
    with pytest.raises(UsageError, match="no verdicts"):
        replay_differences(result, CHECKOUT / "reference" / "nn", None, Settings(), print)


def test_other_code_can_not_be_replayed():
    old = dataclasses.replace(reference(), unit="nn")
    with pytest.raises(UsageError, match="its files differ"):
        replay_differences(old, CHECKOUT / "reference" / "nn", None, Settings(), print)
