"""Hints: given when the evidence singles one mistake out, and never otherwise."""

import math

import pytest

from grader.judging.evidence import Evidence, Recorder, exception_code

IN_PLACE = RuntimeError("a leaf Variable that requires grad is being used in an in-place operation.")
SHAPES = RuntimeError("mat1 and mat2 shapes cannot be multiplied (5x3 and 4x3)")


def test_no_evidence_gives_no_hint():
    assert Evidence().code_for(AssertionError("1 != 2")) is None
    assert Evidence().code_for(None) is None


def test_one_code_that_held_is_the_hint():
    evidence = Evidence()
    evidence.when(False, "lr-ignored")
    evidence.when(True, "param-rebound")
    evidence.when(True, "param-rebound")
    assert evidence.code_for(AssertionError()) == "param-rebound"


def test_two_codes_that_held_give_no_hint():
    evidence = Evidence()
    evidence.when(True, "param-rebound")
    evidence.when(True, "lr-ignored")
    assert evidence.code_for(NotImplementedError()) is None


@pytest.mark.parametrize("condition", [1, None, "yes", [True]])
def test_only_a_bool_is_evidence(condition):
    with pytest.raises(TypeError, match="needs a bool"):
        Evidence().when(condition, "lr-ignored")


def test_what_was_recorded_counts_before_the_exception():
    evidence = Evidence()
    evidence.when(True, "weights-transposed")
    assert evidence.code_for(NotImplementedError()) == "weights-transposed"


def test_not_implemented_is_told_by_its_exception_in_every_test():
    assert Evidence().code_for(NotImplementedError("TODO: ReLU.forward")) == "not-implemented"


def test_other_exceptions_count_only_where_the_test_allows_them():
    assert Evidence().code_for(SHAPES) is None
    assert Evidence(["shape-error"]).code_for(SHAPES) == "shape-error"
    assert Evidence(["shape-error"]).code_for(IN_PLACE) is None


@pytest.mark.parametrize(
    ("exception", "code"),
    [
        (IN_PLACE, "no-grad-missing"),
        (
            RuntimeError(
                "a view of a leaf Variable that requires grad is being used in an in-place operation."
            ),
            "no-grad-missing",
        ),
        (
            RuntimeError("element 0 of tensors does not require grad and does not have a grad_fn"),
            "requires-grad-missing",
        ),
        (SHAPES, "shape-error"),
        (
            RuntimeError(
                "The size of tensor a (5) must match the size of tensor b (4) at non-singleton dimension 0"
            ),
            "shape-error",
        ),
        (RuntimeError("shape '[64, 784]' is invalid for input of size 784"), "shape-error"),
        (NotImplementedError(), "not-implemented"),
        (RuntimeError("something else"), None),
        (ValueError("shapes cannot be multiplied"), None),
    ],
)
def test_known_exceptions(exception, code):
    assert exception_code(exception) == code


def test_pictures_are_kept_by_name_as_plain_data():
    recorder = Recorder()
    recorder.picture("line", {"W": 3.0, "points": [(0, 1), (1, 4)], "title": None, "nested": {"ok": True}})
    assert recorder.pictures == {
        "line": {"W": 3.0, "points": [[0, 1], [1, 4]], "title": None, "nested": {"ok": True}}
    }


def test_numbers_that_json_lacks_become_none():
    recorder = Recorder()
    recorder.picture("losses", {"losses": [1.0, math.nan, math.inf, -math.inf]})
    assert recorder.pictures["losses"]["losses"] == [1.0, None, None, None]


@pytest.mark.parametrize(
    "value", [object(), {1: 2}, {"a": b"bytes"}, [{1, 2}], type("Number", (float,), {})(1)]
)
def test_anything_else_in_a_picture_is_refused(value):
    with pytest.raises(TypeError, match="plain values"):
        Recorder().picture("odd", {"value": value})
