"""`grader check` on whole hand-ins: what a student sees, and the yes or no at the end."""

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from grader.errors import DatasetError, UsageError
from grader.judging import check
from grader.judging.samples import load_samples
from grader.settings import Settings
from tests.mnist_factory import make_mnist_images

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference/nn"
SAMPLES = {sample.name: sample for sample in load_samples(ROOT / "tests/submissions/nn")}
WIDTH = 80

Check = Callable[..., tuple[bool, str]]


@pytest.fixture
def run_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Check]:
    """Check a path as an installation that has nothing but the student template; (verdict, output)."""
    units_root = tmp_path / "installation"
    shutil.copytree(ROOT / "student_template", units_root / "student_template")
    monkeypatch.setattr(check, "load_mnist", lambda directory: make_mnist_images())

    def run(path: Path, with_mnist: bool = False, encoding: str = "utf-8") -> tuple[bool, str]:
        stream = io.BytesIO()
        file = io.TextIOWrapper(stream, encoding=encoding, newline="")
        console = Console(file=file, width=WIDTH, highlight=False)
        ready = check.check_submission(
            path, "nn", Settings(units_root=units_root), console, with_mnist=with_mnist
        )
        file.flush()
        return ready, stream.getvalue().decode(encoding)

    yield run


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that lays a sample in a folder."""

    def lay(name: str) -> Path:
        folder = tmp_path / "hand-in"
        SAMPLES[name].write_to(folder, REFERENCE)
        return folder

    return lay


def test_a_solved_folder_is_ready_wherever_it_lies(run_check: Check, tmp_path: Path):
    folder = tmp_path / "Übung 3 (fertig)" / "g2c & more" / "nn"
    shutil.copytree(REFERENCE, folder)
    ready, output = run_check(folder, with_mnist=True)
    assert ready, output
    assert "Ready to hand in" in output
    assert "Linear: 6 of 6 tests passed" in output
    assert "epoch 2 of 2" in output
    assert max(map(len, output.splitlines())) <= WIDTH


def test_a_zip_from_a_mac_is_ready_and_leftovers_are_named(run_check: Check, tmp_path: Path):
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for source in (REFERENCE / "g2c").rglob("*.py"):
            archive.write(source, f"work-main/{source.relative_to(REFERENCE).as_posix()}")
        archive.writestr("__MACOSX/._work-main", b"\0")
    ready, output = run_check(path)
    assert ready, output
    assert "__MACOSX" in output
    assert "The package was found in work-main." in output


def test_the_template_lists_each_part_to_write_once(run_check: Check):
    ready, output = run_check(ROOT / "student_template/nn", with_mnist=True)
    assert not ready
    assert "14 parts still to be written" in output
    assert output.count("TODO: SGD.step") == 1
    assert "Not everything works yet" in output


def test_a_failing_test_is_shown_with_its_error_and_the_line_in_the_students_file(
    run_check: Check, hand_in: Callable[[str], Path]
):
    ready, output = run_check(hand_in("wrong/no-grad-missing-augmented"))
    assert not ready
    assert "test_sgd_step_hand_computed" in output
    assert "a leaf Variable that requires grad" in output
    assert "(g2c/nn/optim.py, line " in output
    assert "pytest tests/test_nn.py -k NAME" in output


def test_off_limits_uses_are_named_by_file_and_line(run_check: Check, hand_in: Callable[[str], Path]):
    ready, output = run_check(hand_in("wrong/off-limits-api-optimizer"))
    assert not ready
    assert "g2c/nn/optim.py, line " in output
    assert "torch.optim" in output


def test_a_refused_hand_in_gets_every_reason_and_nothing_is_run(run_check: Check, tmp_path: Path):
    folder = tmp_path / "work"
    shutil.copytree(REFERENCE, folder)
    (folder / "g2c/nn/optim.py").unlink()
    (folder / "g2c/nn/loss.py").unlink()
    ready, output = run_check(folder)
    assert not ready
    assert "g2c/nn/optim.py is missing" in output
    assert "g2c/nn/loss.py is missing" in output
    assert "Public tests" not in output


def test_a_package_that_cannot_be_imported_says_why(run_check: Check, tmp_path: Path):
    folder = tmp_path / "work"
    shutil.copytree(REFERENCE, folder)
    with (folder / "g2c/nn/train.py").open("a", encoding="utf-8") as file:
        file.write("\ndef half(:\n")
    ready, output = run_check(folder, with_mnist=True)
    assert not ready
    assert "can't be imported" in output
    assert 'File "g2c/nn/train.py", line ' in output
    assert "Not run: first the tests have to run to their end." in output


def test_what_the_code_says_is_shown_as_text_on_any_console(run_check: Check, tmp_path: Path):
    folder = tmp_path / "work"
    shutil.copytree(REFERENCE, folder)
    with (folder / "g2c/nn/loss.py").open("a", encoding="utf-8") as file:
        file.write("\nraise ValueError('[bold]\\x1b[31m \\N{SNOWMAN} √')\n")
    ready, output = run_check(folder, encoding="cp1252")
    assert not ready
    assert "[bold]" in output
    assert "\x1b" not in output
    assert "\\u2603" in output


def test_missing_mnist_is_no_fault_of_the_student(run_check: Check, monkeypatch: pytest.MonkeyPatch):
    def unavailable(directory: Path | None) -> None:
        raise DatasetError("MNIST was not found")

    monkeypatch.setattr(check, "load_mnist", unavailable)
    ready, output = run_check(REFERENCE, with_mnist=True)
    assert ready
    assert "no fault of your code" in output
    assert "MNIST was not found" in output


def test_a_path_with_nothing_there_is_a_usage_error(run_check: Check, tmp_path: Path):
    with pytest.raises(UsageError):
        run_check(tmp_path / "absent")
