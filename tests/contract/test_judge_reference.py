"""The whole unit in warm examiners: full marks for the solution, none for the template."""

from pathlib import Path

import pytest

from grader.judging.job import Job
from grader.judging.pool import ExaminerPool
from grader.judging.result import GradingResult, Outcome
from grader.sandbox.interface import Backend
from grader.sandbox.selection import choose
from grader.settings import load_settings
from tests.contract.judging import NN, SAMPLES, job_for, sample_job


def examined(job: Job, backend: Backend) -> GradingResult:
    with ExaminerPool("nn", backend.name, load_settings(), refill=False, with_mnist=job.with_mnist) as pool:
        return pool.grade(job, lambda _: None)


def problems(result: GradingResult) -> list[tuple[str, str, str]]:
    return [(test.id, test.outcome, test.message) for test in result.tests if test.points < test.max_points]


def test_the_reference_gets_all_points(backend: Backend):
    result = examined(job_for(NN.reference, with_mnist=True), backend)
    assert problems(result) == []
    assert result.score == 100
    assert result.mnist is not None and NN.mnist is not None
    assert result.mnist.accuracy >= 0.95 and len(result.mnist.epochs) <= 5
    assert result.mnist.ratio < NN.mnist.max_ratio / 2
    assert result.pictures.keys() >= {"digits", "linear_regression", "decision_boundary", "overfitting"}


@pytest.mark.usefixtures("only_our_leftovers")
def test_the_reference_without_mnist_gets_all_points_of_its_tests(backend: Backend):
    result = examined(job_for(NN.reference), backend)
    assert problems(result) == []
    assert result.score == 85
    assert result.mnist is None
    assert backend.remove_leftovers() == []


def test_the_template_gets_no_points_but_passes_what_is_given(backend: Backend):
    result = examined(job_for(NN.template, with_mnist=True), backend)
    assert result.score == 0
    given = {test.id: test.outcome for test in result.tests if NN.is_given(test.id)}
    assert set(given.values()) == {Outcome.PASSED} and {test.partition("[")[0] for test in given} == NN.given
    others = [test for test in result.tests if not NN.is_given(test.id)]
    assert {test.hint.code if test.hint else None for test in others} == {"not-implemented"}


def test_a_network_without_a_nonlinearity_does_not_reach_the_threshold(tmp_path: Path):
    """On all of MNIST, in one sandbox: what a linear map can learn does not depend on the other."""
    sample = SAMPLES["wrong/nonlinearity-missing-mnist"]
    job = sample_job(sample, tmp_path, with_mnist=True)
    result = examined(job, choose("auto", load_settings()))
    assert result.mnist is not None
    assert 0.85 < result.mnist.accuracy < 0.95
    assert result.mnist.reference_accuracy >= 0.95
    assert [test.points for test in result.tests if test.group == "mnist"] == [0, 0]
