"""The JUnit report is XML that CI systems read, whatever the messages hold."""

from xml.etree import ElementTree

import pytest

from grader.report.junit import render_junit
from tests.cast import CAST, crashing, grader_problem, half_done, hostile, rejected

# What GitHub's, GitLab's and Jenkins's readers know: element → (required attributes, others, children).
SHAPE = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors"}, {"skipped", "time"}, {"properties", "testcase"}),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": ({"name"}, {"classname", "time"}, {"skipped", "error", "failure"}),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
}


def _parse(result):
    return ElementTree.fromstring(render_junit(result).encode())


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in CAST.items()])
def test_the_document_has_the_common_shape(make):
    root = _parse(make())
    assert root.tag == "testsuites"
    for element in root.iter():
        required, optional, children = SHAPE[element.tag]
        assert required <= set(element.attrib) <= required | optional
        assert {child.tag for child in element} <= children
    for suite in root:
        for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            assert int(suite.get(count)) == len(list(suite.iter(tag)))
    assert int(root.get("tests")) == len(list(root.iter("testcase")))


def test_one_suite_for_each_exercise_with_score_and_mnist():
    root = _parse(CAST["reference"]())
    assert [suite.get("name") for suite in root][:2] == ["linear", "activations"]
    properties = {each.get("name"): each.get("value") for each in root[0].iter("property")}
    assert properties["score"] == "100"
    assert properties["mnist_accuracy"] == "0.9712"
    assert properties["max_points"] == "6"


def test_a_run_that_was_not_finished_has_no_accuracy_and_no_ratio():
    properties = {each.get("name"): each.get("value") for each in _parse(crashing())[0].iter("property")}
    assert properties["mnist_outcome"] == "timeout"
    assert properties["mnist_accuracy"] == properties["mnist_ratio"] == ""


def test_failures_carry_message_and_hint():
    failure = next(_parse(half_done()).iter("failure"))
    assert "tensor(nan)" in failure.get("message")
    assert "Hint (cross-entropy-overflow):" in failure.text


def test_crashes_and_limits_are_errors_and_skipped_is_skipped():
    root = _parse(crashing())
    assert {error.get("type") for error in root.iter("error")} == {
        "crashed", "timeout", "out_of_memory", "output_limit", "disk_limit", "pids_limit",
    }  # fmt: skip
    assert len(list(root.iter("skipped"))) == 1
    assert not list(root.iter("failure"))


def test_a_run_without_tests_says_why_as_an_error():
    assert [error.get("type") for error in _parse(rejected()).iter("error")] == ["file-missing", "symlink"]
    assert [error.get("type") for error in _parse(grader_problem()).iter("error")] == ["grader-problem"]


def test_hostile_text_is_escaped_and_bounded():
    document = render_junit(hostile())
    assert len(document) < 400_000
    assert "<script" not in document
    assert not any(ord(char) < 32 and char not in "\n\t" for char in document)
