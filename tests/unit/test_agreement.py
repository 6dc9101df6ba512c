"""The parts of a unit held against each other: nn agrees, and each disagreement is named."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grader.judging.agreement import agreement_problems
from grader.judging.samples import Sample, SampleKind, load_samples
from grader.units import load_unit

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = load_samples(ROOT / "tests/submissions/nn")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the unit that may be spoilt."""
    for folder in ("student_template", "reference", "hidden_tests"):
        shutil.copytree(ROOT / folder / "nn", tmp_path / folder / "nn")
    return tmp_path


def problems(root: Path) -> list[str]:
    return agreement_problems(load_unit("nn", root), SAMPLES, root)


def test_the_parts_of_nn_agree():
    assert problems(ROOT) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            "student_template/nn/unit.toml",
            'title = "Module 03',
            'title = "Module 04',
            "title is 'Module 04",
        ),
        (
            "reference/nn/tests/test_nn.py",
            "def test_mse_gradient",
            "def test_mse_grad",
            "tests/test_nn.py is not the same in template and reference",
        ),
        (
            "reference/nn/g2c/nn/train.py",
            "steps: int = 500",
            "steps: int = 501",
            "g2c/nn/train.py: train_linear_regression is (x",
        ),
        (
            "reference/nn/g2c/nn/modules.py",
            "class Tanh(",
            "class TanH(",
            "g2c/nn/modules.py: Tanh is a class in the template and missing in the reference",
        ),
        (
            "student_template/nn/g2c/nn/__init__.py",
            '    "Tanh",\n',
            "",
            "g2c/nn/__init__.py: __all__ is [",
        ),
        (
            "student_template/nn/g2c/nn/train.py",
            "def evaluate_accuracy(",
            "def evaluate(",
            "test_nn.py imports evaluate_accuracy from g2c.nn.train, which the template does not have",
        ),
        (
            "hidden_tests/nn/test_sgd.py",
            'pytest.mark.group("sgd")',
            'pytest.mark.group("sdg")',
            "test_sgd.py: there is no group 'sdg' in [points]",
        ),
        (
            "hidden_tests/nn/test_sgd.py",
            "::test_sgd_step_hand_computed",
            "::test_sgd_step_by_hand",
            "test_sgd.py explains tests/test_nn.py::test_sgd_step_by_hand, which is no public test",
        ),
        (
            "hidden_tests/nn/diagnosis.py",
            '"param-rebound"',
            '"param-rebuond"',
            "diagnosis.py names the hint param-rebuond, which [hints] does not know",
        ),
    ],
)
def test_a_disagreement_is_named(root: Path, file: str, old: str, new: str, problem: str):
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new), encoding="utf-8")
    assert [found for found in problems(root) if found.startswith(problem)], problems(root)


def test_a_file_of_one_side_only_is_named(root: Path):
    (root / "reference/nn/g2c/nn/extra.py").write_text("")
    assert problems(root) == ["g2c/nn/extra.py is in the reference only"]


def test_samples_that_name_what_the_unit_lacks_are_named():
    odd = Sample("wrong/odd", SampleKind.WRONG, "", {"a": b""}, hints=("no-such-hint",), fails=("train",))
    found = agreement_problems(load_unit("nn", ROOT), [*SAMPLES, odd], ROOT)
    assert found == [
        "sample wrong/odd names the group 'train', which the unit does not have",
        "sample wrong/odd names the hint no-such-hint, which [hints] does not know",
    ]


def test_a_hint_without_a_sample_is_unproved():
    without = [replace(each, hints=tuple(h for h in each.hints if h != "too-slow")) for each in SAMPLES]
    assert agreement_problems(load_unit("nn", ROOT), without, ROOT) == [
        "no wrong sample shows the hint too-slow"
    ]
