"""results.json: what Gradescope reads, with the report's points and the visibility of the unit's rules."""

import itertools
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from grader import grading
from grader.errors import GraderError
from grader.judging.result import Hint, Outcome, Visibility
from grader.results.gradescope import results_for_reader, results_for_upload
from grader.settings import CHECKOUT
from grader.units import VisibilityRules
from tests import cast
from tests.cast import CAST
from tests.command import grader
from tests.factories import make_test
from tests.gradescope.schema import SCHEMA, parse_results
from tests.results.allowing import STAFF, student

RULES = ("always", "never", "after_deadline")
USUAL = VisibilityRules(names="always", messages="after_deadline", hints="always")
SECRETS = {"names": "test_secret_name", "messages": "expected 0.31337", "hints": "Look at the sign."}
VISIBILITY_OF = {"always": "visible", "after_deadline": "after_due_date", "never": "hidden"}
GRADED = {name: make for name, make in CAST.items() if name not in ("grader_problem", "rejected")}


def with_secrets():
    """A result with one failing hidden test that says everything that a unit may hide."""
    test = make_test(
        id=f"hidden/test_x.py::{SECRETS['names']}",
        visibility=Visibility.HIDDEN,
        outcome=Outcome.FAILED,
        points=0.0,
        message=SECRETS["messages"],
        hint=Hint("sign", SECRETS["hints"]),
    )
    return replace(cast.reference(), tests=(*cast.reference().tests, test))


def seen(results, secret):
    """With which visibilities the secret is told."""
    return {
        entry["visibility"] for entry in results["tests"] if secret in json.dumps(entry, ensure_ascii=False)
    }


@pytest.mark.parametrize("name", sorted(set(CAST) - {"grader_problem"}))
def test_every_result_is_one_that_gradescope_reads(name):
    whole = CAST[name]()
    for text in (
        results_for_upload(whole, USUAL),
        results_for_reader(whole, USUAL, student("never", "never", "never")),
    ):
        results = parse_results(text)
        assert text.isascii()
        assert results["stdout_visibility"] == "hidden"
        assert results["score"] == pytest.approx(whole.score or 0.0)


@pytest.mark.parametrize("name", sorted(set(GRADED) - {"hostile"}))
def test_points_are_the_report_s(name):
    whole = CAST[name]()
    results = parse_results(results_for_upload(whole, USUAL))
    scored = [entry for entry in results["tests"] if "status" in entry]
    assert len(scored) == len(whole.tests)
    assert sum(entry.get("score", 0) for entry in scored) == pytest.approx(whole.score, abs=0.01)
    assert sum(entry.get("max_score", 0) for entry in scored) == pytest.approx(100, abs=0.01)
    assert all(entry["visibility"] == "visible" for entry in scored)


@pytest.mark.parametrize(("names", "messages", "hints"), list(itertools.product(RULES, repeat=3)))
def test_visibility_follows_the_unit(names, messages, hints):
    rules = VisibilityRules(names=names, messages=messages, hints=hints)
    results = parse_results(results_for_upload(with_secrets(), rules))
    for part, secret in SECRETS.items():
        rule = getattr(rules, part)
        told = seen(results, secret) - ({"hidden"} if rule != "never" else set())
        if part == "names":  # a part that comes later comes with the name, if that is known by then
            order = ["visible", "after_due_date", "hidden"]
            assert min(told, key=order.index) == VISIBILITY_OF[rule]
        else:
            assert told == {VISIBILITY_OF[rule]}
    assert SECRETS["messages"] not in results["output"]


def test_hints_that_are_not_shown_yet_are_not_in_the_overview():
    rules = VisibilityRules(names="always", messages="always", hints="never")
    assert SECRETS["hints"] not in parse_results(results_for_upload(with_secrets(), rules))["output"]


def test_students_get_what_they_may_see_now_and_no_more():
    results = parse_results(results_for_reader(with_secrets(), USUAL, student("always", "never", "always")))
    assert seen(results, SECRETS["messages"]) == set()
    assert {entry["visibility"] for entry in results["tests"]} == {"visible"}


def test_staff_get_the_one_to_upload():
    whole = cast.half_done()
    assert results_for_reader(whole, USUAL, STAFF) == results_for_upload(whole, USUAL)
    staff = [
        e for e in parse_results(results_for_upload(whole, USUAL))["tests"] if e["visibility"] == "hidden"
    ]
    assert len(staff) == 1
    assert "torch.log_softmax is used" in staff[0]["output"] and '"seed"' in staff[0]["output"]


def test_a_refused_hand_in_is_told_what_to_change():
    results = parse_results(results_for_upload(cast.rejected(), USUAL))
    (entry,) = results["tests"]
    assert entry["status"] == "failed" and results["score"] == 0
    for reason in cast.rejected().rejected:
        assert reason.path in entry["output"]


def test_our_own_failure_is_never_a_score():
    with pytest.raises(GraderError, match="no result"):
        results_for_upload(cast.grader_problem(), USUAL)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"tests": []}, {"tests": [{"name": "x"}]}, {"score": "7"}, {"score": 1, "visibility": "secret"}],
)
def test_the_schema_sees_what_gradescope_refuses(wrong):
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(wrong)


def test_a_grading_that_raises_leaves_no_old_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise GraderError("the disk is full")

    monkeypatch.setattr(grading, "grade_path", fail)
    (tmp_path / "results.json").write_text('{"score": 100}')
    ended = grader("grade", CHECKOUT / "reference/nn", "--gradescope", tmp_path / "results.json")
    assert ended.exit_code == 4 and "the disk is full" in ended.stderr
    assert not (tmp_path / "results.json").exists()
