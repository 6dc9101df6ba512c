"""The short MNIST run in a plain process, on made-up digits that any working net learns."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.judging.samples import load_samples
from grader.judging.short_mnist import ShortMnist, run_short_mnist
from tests.mnist_factory import make_mnist_images

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference/nn"
SAMPLES = {sample.name: sample for sample in load_samples(ROOT / "tests/submissions/nn")}

Run = Callable[[Path], ShortMnist]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return lambda folder: run_short_mnist(folder, "g2c.nn", make_mnist_images(), scratch)


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that lays the reference in a folder with a text of train.py replaced."""

    def lay(old: str, new: str) -> Path:
        folder = tmp_path / "hand-in"
        SAMPLES["different/main-block"].write_to(folder, REFERENCE)
        source = (REFERENCE / "g2c/nn/train.py").read_text(encoding="utf-8")
        assert old in source
        (folder / "g2c/nn/train.py").write_text(source.replace(old, new), encoding="utf-8")
        return folder

    return lay


def test_the_reference_learns(run: Run):
    result = run(REFERENCE)
    assert result.passed, result
    assert len(result.epochs) == 2
    assert result.epochs[1].train_loss < result.epochs[0].train_loss
    assert result.full_run_cpu_s(5, 60_000) == pytest.approx(
        15 * (result.epochs[0].cpu_s + result.epochs[1].cpu_s)
    )


def test_a_net_that_is_not_trained_is_too_little(run: Run, changed: Callable[[str, str], Path]):
    result = run(changed("optimizer.step()", "pass"))
    assert not result.passed
    assert result.problem == ""
    assert result.epochs[-1].accuracy < 0.75


def test_an_error_comes_with_its_place(run: Run):
    result = run(ROOT / "student_template/nn")
    assert result.problem.startswith("NotImplementedError: TODO: build_mnist_mlp")
    assert "\n(g2c/nn/train.py, line " in result.problem


def test_a_helper_that_returns_nothing_is_named(run: Run, changed: Callable[[str, str], Path]):
    result = run(changed("def train_one_epoch(", "def train_one_epoch(*_):\n    pass\n\ndef unused("))
    assert result.problem == "TypeError: train_one_epoch should return a number, not NoneType"


def test_python_that_ends_in_the_middle_is_told(run: Run, changed: Callable[[str, str], Path]):
    result = run(
        changed("def train_one_epoch(", "def train_one_epoch(*_):\n    import os; os._exit(5)\n\ndef x(")
    )
    assert result.problem.startswith("Python ended in the middle of training (exit code 5).")


def test_a_time_limit_ends_it(tmp_path: Path):
    result = run_short_mnist(REFERENCE, "g2c.nn", make_mnist_images(), tmp_path, timeout_s=0.05)
    assert result.problem.startswith("Stopped after 0 s.")
