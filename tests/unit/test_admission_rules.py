"""What the admission gate calls a problem, on made-up results."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.judging.admission_rules import (
    is_about_mnist_alone,
    needs_mnist,
    problems_of,
    problems_of_reference,
    problems_of_template,
)
from grader.judging.result import GradingResult, Hint, Outcome, Rejection, ReviewFlag, Status
from grader.judging.samples import Sample, SampleKind, load_samples
from grader.units import load_unit
from tests.factories import make_mnist, make_test

ROOT = Path(__file__).resolve().parents[2]
UNIT = load_unit("nn", ROOT)
LINEAR = make_test(id="hidden/test_linear.py::test_bias", group="linear", points=6.0, max_points=6.0)
SGD = make_test(id="hidden/test_sgd.py::test_step", group="sgd", points=4.0, max_points=4.0)
REJECTED = GradingResult(
    "nn", Status.REJECTED, rejected=(Rejection("link", "data", "data is a link. Leave it out."),)
)
FLAG = ReviewFlag("odd-timing", "", 0, "It waited.")
PROBLEM = GradingResult("nn", Status.GRADER_PROBLEM, problem="no sandbox")


def graded(*tests, mnist=None):
    return GradingResult("nn", Status.GRADED, sum(test.points for test in tests), tests=tests, mnist=mnist)


def failed(test, outcome=Outcome.FAILED, code=None):
    hint = None if code is None else Hint(code, "Look again.")
    return replace(test, outcome=outcome, points=0.0, message="assert 3 == 4", hint=hint)


def sample(kind=SampleKind.WRONG, **fields):
    return Sample(f"{kind}/x", kind, "A sample.", {"g2c/nn/optim.py": b""}, **fields)


WRONG = sample(hints=("no-grad-missing", "param-rebound"), fails=("sgd",))
DIFFERENT = sample(SampleKind.DIFFERENT)
HOSTILE = sample(SampleKind.HOSTILE, outcomes=("timeout",), affects=("sgd",), max_score=70.0)
RIGHT_HINT = failed(SGD, code="param-rebound")


@pytest.mark.parametrize(
    ("case", "result"),
    [
        (WRONG, graded(LINEAR, RIGHT_HINT)),
        (sample(fails=("sgd",)), graded(LINEAR, failed(SGD))),
        (sample(fails=("mnist", "sgd")), graded(LINEAR, failed(SGD))),
        (DIFFERENT, graded(LINEAR, SGD)),
        (replace(DIFFERENT, flags=("odd-timing",)), replace(graded(LINEAR, SGD), review=(FLAG,))),
        (HOSTILE, graded(LINEAR, failed(SGD, Outcome.TIMEOUT))),
        (replace(HOSTILE, outcomes=("timeout", "rejected")), REJECTED),
        (replace(HOSTILE, outcomes=("passed",), max_score=100.0), graded(LINEAR, SGD)),
    ],
)
def test_what_goes_as_the_case_says_is_no_problem(case: Sample, result: GradingResult):
    assert problems_of(case, result) == []


@pytest.mark.parametrize(
    ("case", "result", "problem"),
    [
        (WRONG, graded(LINEAR, SGD), "not caught: it gets full marks"),
        (WRONG, graded(failed(LINEAR, code="param-rebound"), SGD), "loses no points in sgd"),
        (WRONG, graded(LINEAR, failed(SGD)), "no hint no-grad-missing or param-rebound"),
        (
            WRONG,
            graded(failed(LINEAR, code="init-range"), RIGHT_HINT),
            "wrong hint init-range at hidden/test_linear.py::test_bias",
        ),
        (
            sample(fails=("sgd",)),
            graded(LINEAR, RIGHT_HINT),
            "wrong hint param-rebound at hidden/test_sgd.py::test_step",
        ),
        (
            WRONG,
            graded(LINEAR, RIGHT_HINT, mnist=make_mnist(hint=Hint("too-slow", ""))),
            "wrong hint too-slow at mnist",
        ),
        (WRONG, REJECTED, "refused at intake: data is a link. Leave it out."),
        (
            DIFFERENT,
            graded(LINEAR, failed(SGD)),
            "hidden/test_sgd.py::test_step failed: assert 3 == 4",
        ),
        (DIFFERENT, replace(graded(LINEAR, SGD), review=(FLAG,)), "flagged as odd-timing: It waited."),
        (DIFFERENT, REJECTED, "refused at intake: data is a link. Leave it out."),
        (
            HOSTILE,
            graded(LINEAR, failed(SGD, Outcome.CRASHED)),
            "hidden/test_sgd.py::test_step should end with timeout, but crashed: assert 3 == 4",
        ),
        (HOSTILE, graded(LINEAR, SGD), "gets full marks; its tests should end with timeout"),
        (HOSTILE, graded(LINEAR, SGD), "gets 100 % of the points; 70 % would be acceptable"),
        (HOSTILE, REJECTED, "refused at intake: data is a link. Leave it out."),
        *((each, PROBLEM, "the grader failed: no sandbox") for each in (WRONG, DIFFERENT, HOSTILE)),
    ],
)
def test_what_goes_otherwise_is_named(case: Sample, result: GradingResult, problem: str):
    assert problem in problems_of(case, result)


def test_a_hostile_sample_must_not_touch_other_groups():
    (problem,) = problems_of(HOSTILE, graded(failed(LINEAR, Outcome.TIMEOUT), failed(SGD, Outcome.TIMEOUT)))
    assert problem.startswith("costs points in linear, which it should not touch")


def test_a_failing_grader_is_the_only_problem_it_makes():
    assert problems_of(WRONG, PROBLEM) == problems_of_reference(PROBLEM) == ["the grader failed: no sandbox"]


def test_the_reference_gets_every_point():
    assert problems_of_reference(graded(LINEAR, SGD)) == []
    assert problems_of_reference(replace(graded(LINEAR, SGD), review=(FLAG,))) != []
    (problem,) = problems_of_reference(graded(LINEAR, failed(SGD, Outcome.TIMEOUT)))
    assert problem == "hidden/test_sgd.py::test_step timeout: assert 3 == 4"


def test_the_template_gets_none_and_passes_what_is_given():
    given = make_test(id="tests/test_nn.py::test_mse_gradient", points=0.0, max_points=0.0)
    assert problems_of_template(UNIT, graded(given, failed(SGD))) == []
    assert problems_of_template(UNIT, graded(given, SGD)) == [
        "hidden/test_sgd.py::test_step gives 4 points before a line is written"
    ]
    (problem,) = problems_of_template(UNIT, graded(failed(given)))
    assert problem.startswith("tests/test_nn.py::test_mse_gradient is said to be given, but failed")


def test_mnist_is_run_where_the_verdict_needs_it():
    assert not needs_mnist(WRONG)
    assert needs_mnist(sample(fails=("sgd", "mnist")))
    assert needs_mnist(DIFFERENT)
    assert needs_mnist(replace(HOSTILE, affects=("mnist",)))
    assert is_about_mnist_alone(sample(fails=("mnist",)))
    assert not is_about_mnist_alone(sample(fails=("mnist", "sgd")))


def test_the_samples_of_nn_prove_what_was_promised():
    samples = load_samples(ROOT / "tests/submissions/nn")
    kinds = [each.kind for each in samples]
    assert kinds.count(SampleKind.WRONG) >= 40
    assert kinds.count(SampleKind.DIFFERENT) >= 24
