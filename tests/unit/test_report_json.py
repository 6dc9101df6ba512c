"""The JSON report keeps to its schema, is strict JSON, and comes back as the same result."""

import json

import jsonschema
import pytest

from grader.judging.result import GradingResult
from grader.report.json_schema import report_schema, to_strict_json, validate_report
from tests.cast import CAST, hostile, reference, rejected

MEMBERS = [pytest.param(make, id=name) for name, make in CAST.items()]
INTERFACE = {
    "schema",
    "unit",
    "status",
    "score",
    "max_score",
    "tests",
    "mnist",
    "review",
    "rejected",
    "provenance",
}


def _refuse(constant):
    raise AssertionError(f"{constant} is not JSON")


def _report(make=reference):
    return json.loads(to_strict_json(make()), parse_constant=_refuse)


def test_the_schema_is_itself_valid_and_describes_every_field():
    schema = report_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for holder in (schema, *schema["$defs"].values()):
        for name, field in holder.get("properties", {}).items():
            described = field if "$ref" not in field else schema["$defs"][field["$ref"].rpartition("/")[2]]
            assert described.get("description"), name


@pytest.mark.parametrize("make", MEMBERS)
def test_every_result_is_valid_and_has_the_agreed_keys(make):
    report = _report(make)
    validate_report(report)
    assert set(report) >= INTERFACE


@pytest.mark.parametrize("make", MEMBERS)
def test_json_and_back_is_the_same_result(make):
    report = _report(make)
    assert GradingResult.from_json(report).to_json() == report


@pytest.mark.parametrize(
    "make", [pytest.param(make, id=name) for name, make in CAST.items() if name != "hostile"]
)
def test_a_finite_result_survives_unchanged(make):
    assert GradingResult.from_json(_report(make)) == make()


def test_what_json_cannot_say_is_null_and_half_surrogates_are_replaced():
    text = to_strict_json(hostile())
    mnist = json.loads(text)["mnist"]
    assert (mnist["accuracy"], mnist["cpu_s"], mnist["ratio"]) == (None, None, None)
    text.encode("ascii")
    json.loads(text)["tests"][4]["message"].encode("utf-8")


def _change(report, path, value):
    *parents, last = path
    for key in parents:
        report = report[key]
    if value is ...:
        del report[last]
    else:
        report[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["schema"], 2),
        (["status"], "fine"),
        (["score"], None),
        (["score"], "100"),
        (["surprise"], 1),
        (["mnist"], ...),
        (["tests", 0, "outcome"], "ok"),
        (["tests", 0, "hint"], {"code": "Not A Code", "text": ""}),
        (["tests", 0, "max_points"], -1),
        (["tests", 0, "extra"], 0),
        (["mnist", "accuracy"], 97.1),
        (["mnist", "epochs", 0, "val_accuracy"], ...),
        (["rejected"], [{"code": "c", "path": "", "text": "t"}]),
        (["pictures", "digits", "pixels", 0], "<b>"),
        (["provenance", "seed"], ...),
        (["provenance", "unit_digest"], "md5:1"),
    ],
    ids=lambda part: ".".join(map(str, part)) if isinstance(part, list) else None,
)
def test_departures_are_found(path, value):
    report = _report()
    _change(report, path, value)
    with pytest.raises(ValueError, match=r"^\$"):
        validate_report(report)


def test_a_rejected_hand_in_has_no_score():
    report = _report(rejected)
    report["score"] = 0
    with pytest.raises(ValueError, match="score"):
        validate_report(report)
