"""Another version of a unit has examiners of its own, beside those of the usual one; only so many stay."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.jobs.examiners import VERSIONS_WARM, Examiners
from grader.settings import load_settings
from grader.units import Unit, load_unit
from tests.contract.judging import NN, job_for
from tests.regrades.acted import copy_unit

REFERENCE = job_for(NN.reference)
BROKEN = replace(REFERENCE, files={**REFERENCE.files, "g2c/nn/__init__.py": b"1 / 0"}, with_mnist=False)


@pytest.fixture
def examiners() -> Iterator[Examiners]:
    try:
        made = Examiners(load_settings(), 1, with_mnist=False)
    except GraderError as error:
        pytest.skip(f"student code can't be run safely here: {error}")
    yield made
    made.close()
    assert multiprocessing.active_children() == []


def version(folder: Path, number: int) -> Unit:
    root = copy_unit(folder / str(number))
    path = root / "hidden_tests" / "nn" / "unit.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n# {number}\n", encoding="utf-8")
    return load_unit("nn", root)


def grade(examiners: Examiners, unit: Unit) -> str:
    result = examiners.grade(0, unit, BROKEN, lambda _: None, lambda: False)
    return str(result.provenance["unit_digest"])


def test_each_version_is_graded_by_its_own_examiners(examiners: Examiners, tmp_path: Path):
    examiners.warm([NN])
    other, third = version(tmp_path, 1), version(tmp_path, 2)
    usual = set(multiprocessing.active_children())
    assert grade(examiners, other) == other.digest
    assert usual <= set(multiprocessing.active_children()), "those of the usual version stay warm"
    assert grade(examiners, NN) == NN.digest
    assert grade(examiners, third) == third.digest
    assert len(multiprocessing.active_children()) == VERSIONS_WARM
