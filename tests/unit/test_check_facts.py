"""The public facts of a unit: read with types, and the same as the graders'."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import UnitError
from grader.judging.public_facts import facts_problems, load_public_facts
from grader.units import load_unit

ROOT = Path(__file__).resolve().parents[2]


def test_the_public_facts_of_nn_are_the_graders():
    facts = load_public_facts("nn", ROOT)
    assert facts_problems(facts, load_unit("nn", ROOT)) == []
    assert facts.public_tests_path.is_file()


def test_a_difference_is_named():
    facts = replace(load_public_facts("nn", ROOT), off_limits=("torch.nn",))
    (problem,) = facts_problems(facts, load_unit("nn", ROOT))
    assert problem.startswith("off_limits.apis is ('torch.nn',)")


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("test_mnist_mlp_layers", "mnist_training"),
        ("test_2d_classifier_layers", "classifier"),
        ("test_new", "other"),
    ],
)
def test_a_test_belongs_to_the_group_of_the_longest_beginning(name: str, group: str):
    assert load_public_facts("nn", ROOT).group(name) == group


@pytest.mark.parametrize("name", ["absent", "../nn", "nn/../nn"])
def test_an_unknown_unit_names_the_setting_to_change(name: str):
    with pytest.raises(UnitError, match="GRADER_UNITS_ROOT"):
        load_public_facts(name, ROOT)


def test_every_malformed_entry_is_listed(tmp_path: Path):
    folder = tmp_path / "student_template/nn"
    shutil.copytree(ROOT / "student_template/nn", folder)
    text = (folder / "unit.toml").read_text(encoding="utf-8")
    text = text.replace('package = "g2c.nn"', "package = 3").replace("threshold = 0.95", "goal = 1")
    (folder / "unit.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UnitError) as caught:
        load_public_facts("nn", tmp_path)
    for problem in ("package: expected a text", "mnist.threshold: missing", "mnist.goal: unknown entry"):
        assert problem in str(caught.value)
