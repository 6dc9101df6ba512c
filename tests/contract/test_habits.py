"""Ordinary student habits, run on a sandbox: all points, and nothing for staff to look at.

That they are read without a flag, however they are packed, is tested in tests/unit/test_no_false_alarm.py.
"""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.judging.judge import Bench
from grader.judging.result import Status
from grader.sandbox.selection import choose
from grader.settings import load_settings
from tests.contract.judging import (
    NN,
    SAMPLES,
    graded,
    job_for,
    sample_job,
    small_unit,
    solved_with,
    warm_bench,
)

HABITS = [sample for name, sample in SAMPLES.items() if name.startswith("different/habit-")]


@pytest.fixture(scope="module")
def one_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One warm sandbox, with the unit's own limits."""
    small = small_unit(tmp_path_factory.mktemp("unit"))
    unit = dataclasses.replace(small, limits=NN.limits)
    chosen = choose("auto", load_settings())
    chosen.prepare(print)
    with warm_bench(chosen, unit, with_mnist=False) as bench:
        yield bench


@pytest.mark.parametrize("sample", HABITS, ids=lambda sample: sample.name.removeprefix("different/"))
def test_a_habit_costs_nothing_and_is_no_flag(sample, one_bench: Bench, tmp_path: Path):
    result = graded(sample_job(sample, tmp_path), one_bench)
    assert [(test.id, test.message) for test in result.tests if test.points < test.max_points] == []
    assert result.status is Status.GRADED
    assert result.review == ()


def test_torchvision_may_be_imported_at_the_top(one_bench: Bench):
    imports = "import torch\nimport torchvision\nfrom torchvision import datasets, transforms\n"
    job = job_for(NN.reference, **solved_with(module="train", old="import torch\n", new=imports))
    result = graded(job, one_bench)
    assert {test.id for test in result.tests if test.points < test.max_points} == set()
    assert result.review == ()
