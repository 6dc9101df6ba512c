"""The admission gate on a few cases of each kind, in real sandboxes; `make gate` runs all of them.

MNIST is left out, which keeps these few quick.
"""

from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.judging.admission import CaseReport, admit, make_cases
from grader.judging.samples import load_samples
from grader.sandbox.interface import Backend
from grader.settings import load_settings
from grader.units import load_unit

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = load_settings()
UNIT = load_unit("nn", ROOT)
SAMPLES = load_samples(ROOT / "tests/submissions/nn")
CHOSEN = (
    "reference/1",
    "template",
    "wrong/no-grad-missing-augmented",
    "wrong/off-limits-api-optimizer",
    "different/leftovers",
    "hostile/segfault",
)


def test_each_kind_of_case_goes_as_it_should(backend: Backend):
    cases = [case for case in make_cases(UNIT, SAMPLES, runs=1, with_mnist=False) if case.name in CHOSEN]
    heard: list[CaseReport] = []
    report = admit(UNIT, SAMPLES, cases, backend.name, SETTINGS, heard.append)
    assert {case.name: case.problems for case in report.cases} == dict.fromkeys(CHOSEN, ())
    assert {case.name for case in heard} == set(CHOSEN)
    assert report.disagreements == ()
    assert report.admitted
    found = {case.name: case for case in report.cases}
    assert found["reference/1"].score == found["reference/1"].full_marks == 85
    assert found["template"].score == 0
    assert found["wrong/no-grad-missing-augmented"].hints == ("no-grad-missing",)


def test_a_grader_that_keeps_failing_stops_the_gate():
    cases = make_cases(UNIT, SAMPLES, runs=9, with_mnist=False)[:9]
    heard: list[CaseReport] = []
    with pytest.raises(GraderError, match="failed on 5 cases in a row"):
        admit(UNIT, SAMPLES, cases, "no such sandbox", SETTINGS, heard.append)
    assert all("the grader failed" in case.problems[0] for case in heard)
