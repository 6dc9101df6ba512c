"""A hostile hand-in costs its own tests only, ends as what it was, and leaves nothing behind.

Those that an attack of the red team takes over are graded there: see test_attacks.py.
"""

import dataclasses
from pathlib import Path

import pytest

from grader.errors import RejectedError
from grader.judging.judge import Bench
from grader.judging.result import GradingResult, Outcome, TestResult
from grader.judging.samples import REJECTED, Sample, SampleKind
from grader.sandbox.cgroup import Cgroup
from redteam.attack import load_attacks
from tests.contract.judging import (
    HIDDEN_TESTS,
    NN,
    SAMPLES,
    graded,
    job_for,
    sample_job,
    small_unit,
    solved_with,
    with_test_limits,
    with_time_enough,
)

ABOUT_MNIST = "hostile/patched-clocks"  # spoils nothing else; see test_judge_mnist.py
TAKEN_OVER = {attack.payload.get("sample") for attack in load_attacks()}
NAMED_SIGNALS = {
    "hostile/segfault": "SIGSEGV",
    "hostile/abort-in-native-code": "SIGABRT",
    "hostile/kill-itself": "SIGKILL",
}
HOSTILE = [
    pytest.param(sample, id=name.removeprefix("hostile/"))
    for name, sample in SAMPLES.items()
    if sample.kind is SampleKind.HOSTILE and name not in (TAKEN_OVER - {*NAMED_SIGNALS}) | {ABOUT_MNIST}
]
SHORT_S, SHORT_WALL_S = 2.0, 6.0


def impatient(bench: Bench, sample: Sample) -> Bench:
    """The bench with short limits if the sample is about time; its tests of other parts are patient."""
    if Outcome.OUT_OF_MEMORY in sample.outcomes:
        return with_time_enough(bench)
    if Outcome.TIMEOUT not in sample.outcomes:
        return bench
    return with_test_limits(bench, cpu_s=SHORT_S, wall_s=SHORT_WALL_S)


@pytest.fixture(scope="module")
def idle_processes(bench: Bench) -> int:
    """How many processes a sandbox has after an honest hand-in."""
    graded(job_for(NN.reference), bench)
    return processes(bench)


def processes(bench: Bench) -> int:
    return len(Cgroup.of_process(bench.student.sandbox.pid).members())


def split(result: GradingResult, sample: Sample) -> tuple[list[TestResult], list[TestResult]]:
    """The tests that the sample may spoil, and all others."""
    spoilt = [test for test in result.tests if test.group in sample.affects]
    return spoilt, [test for test in result.tests if test.group not in sample.affects]


@pytest.mark.parametrize("sample", HOSTILE)
def test_it_costs_only_what_it_spoils(bench: Bench, sample: Sample, tmp_path: Path, idle_processes: int):
    try:
        job = sample_job(sample, tmp_path)
    except RejectedError:
        assert REJECTED in sample.outcomes
        return
    result = graded(job, impatient(bench, sample))
    spoilt, others = split(result, sample)
    assert [(test.id, test.message) for test in others if test.points < test.max_points] == []
    ways = {str(test.outcome) for test in spoilt} - {"passed"}
    assert ways <= set(sample.outcomes), [(test.id, test.message) for test in spoilt]
    assert ways or sample.outcomes == ("passed",) or "passed" in sample.outcomes
    assert result.score <= sample.max_score
    if sample.name in NAMED_SIGNALS:
        assert any(NAMED_SIGNALS[sample.name] in test.message for test in spoilt)
    assert processes(bench) <= idle_processes


def test_the_next_hand_in_gets_full_marks(bench: Bench):
    result = graded(job_for(NN.reference), bench)
    assert [(test.id, test.message) for test in result.tests if test.outcome != Outcome.PASSED] == []
    assert result.score == pytest.approx(85)


def test_an_assertion_that_a_hand_in_swallows_has_still_failed(bench: Bench, tmp_path: Path):
    asking = """
from g2c.nn import Module

class Asking(Module):
    def forward(self, x):
        assert torch.equal(x, torch.ones(2)), "not ones"
        return x

@pytest.mark.group("sequential")
def test_asking():
    Sequential(Asking())(torch.zeros(2))
"""
    call = "x = layer(x)"
    swallowing = (
        "try:\n                x = layer(x)\n            except AssertionError:\n                pass"
    )
    changes = solved_with(module="modules", old=call, new=swallowing)
    unit = small_unit(tmp_path, HIDDEN_TESTS + asking)
    result = graded(job_for(NN.reference, **changes), dataclasses.replace(bench, unit=unit))
    (failed,) = (test for test in result.tests if test.outcome != Outcome.PASSED)
    assert (failed.id, failed.message) == ("hidden/test_hidden.py::test_asking", "not ones")
