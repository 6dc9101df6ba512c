"""The exercise notebook and its launcher: they open, they run, they lose no work."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import nbclient
import nbformat
import pytest

from grader.datasets import MD5_SUMS, load_mnist

CHECKOUT = Path(__file__).resolve().parents[2]
TEMPLATE = CHECKOUT / "student_template" / "nn"
EXERCISES = TEMPLATE / "notebooks" / "03-nn.ipynb"
SOLVED = CHECKOUT / "reference" / "nn" / "notebooks" / "solutions" / "03-nn.ipynb"


def read(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def is_answer(cell):
    return "answer" in cell.metadata.get("tags", [])


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def printed(notebook):
    return "".join(output.text for output in outputs(notebook) if output.output_type == "stream")


def pictures(notebook):
    return [output for output in outputs(notebook) if "image/png" in output.get("data", {})]


# --- The notebooks ------------------------------------------------------------------------------


def test_exercises_are_pristine_and_empty_of_solutions():
    assert EXERCISES.read_bytes() == (EXERCISES.parent / ".pristine" / EXERCISES.name).read_bytes()
    notebook = read(EXERCISES)
    assert outputs(notebook) == []
    for cell in filter(is_answer, notebook.cells):
        assert cell.source.startswith(("# Your turn: ", "**Your answer:** …"))


def test_solved_notebook_differs_in_answers_only():
    exercises, solved = read(EXERCISES), read(SOLVED)
    assert len(exercises.cells) == len(solved.cells)
    for exercise, answer in zip(exercises.cells, solved.cells, strict=True):
        assert exercise.cell_type == answer.cell_type
        assert is_answer(exercise) == is_answer(answer)
        assert (exercise.source == answer.source) != is_answer(exercise)


def test_solved_notebook_keeps_its_outputs():
    solved = read(SOLVED)
    assert len(pictures(solved)) == 10
    assert SOLVED.stat().st_size < 1_500_000
    assert not [output for output in outputs(solved) if output.output_type == "error"]
    assert not [output for output in outputs(solved) if output.get("name") == "stderr"]
    (line,) = (line for line in printed(solved).splitlines() if line.startswith("test accuracy: "))
    assert float(line.removeprefix("test accuracy: ").rstrip("%")) >= 95


@pytest.fixture(scope="module")
def small_mnist(tmp_path_factory):
    """A folder with IDX files of the first 1,200 training and 300 test digits."""
    folder, mnist = tmp_path_factory.mktemp("small-mnist"), load_mnist()
    parts = (
        mnist.train_images[:1200],
        mnist.train_labels[:1200],
        mnist.test_images[:300],
        mnist.test_labels[:300],
    )
    for name, part in zip(MD5_SUMS, parts, strict=True):
        header = bytes([0, 0, 8, part.dim()]) + struct.pack(f">{part.dim()}I", *part.shape)
        (folder / name).write_bytes(header + part.numpy().tobytes())
    return folder


@pytest.mark.parametrize("path", [EXERCISES, SOLVED], ids=["exercises", "solved"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")  # Jupyter's own
def test_notebook_runs_from_top_to_bottom_on_the_reference(path, small_mnist, tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DIR", str(small_mnist))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    shutil.copytree(CHECKOUT / "reference" / "nn" / "g2c", tmp_path / "g2c")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    notebook = read(path)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}}).execute()
    assert len(pictures(notebook)) == (10 if path == SOLVED else 6)
    assert "train (1100, 1, 28, 28), validation (100, 1, 28, 28), test (300, 1, 28, 28)" in printed(notebook)


# --- The launcher -------------------------------------------------------------------------------


@pytest.fixture
def student(tmp_path):
    """A student's copy of the template, in a folder whose name has a space, and an empty bin/."""
    folder = tmp_path / "my course" / "nn"
    shutil.copytree(TEMPLATE, folder)
    (tmp_path / "bin").mkdir()
    return folder


def install_jupyter(student, app="lab"):
    """Put a `jupyter` on the PATH that has one app and writes down how it is started."""
    jupyter = student.parent.parent / "bin" / "jupyter"
    jupyter.write_text(
        "#!/bin/sh\n"
        f'[ "$1" = {app} ] || exit 1\n'
        '[ "$2" = --version ] && exit 0\n'
        'printf "started %s %s\\nPYTHONPATH %s\\n" "$1" "$2" "$PYTHONPATH"\n'
    )
    jupyter.chmod(0o755)


def noteboosh(student, *arguments):
    # A PATH without our own Python, so that no Jupyter but the test's is found.
    environ = {"PATH": f"{student.parent.parent / 'bin'}:/usr/bin:/bin", "HOME": os.environ["HOME"]}
    return subprocess.run(
        ["bash", str(student / "noteboosh.sh"), *arguments],
        cwd=student.parent,
        env=environ,
        capture_output=True,
        text=True,
    )


def archived(student):
    return sorted((student / "notebooks" / "archive").glob("*"))


def test_launcher_is_executable():
    assert os.access(TEMPLATE / "noteboosh.sh", os.X_OK)


@pytest.mark.parametrize("app", ["lab", "notebook"])
@pytest.mark.parametrize("number", ["03", "3"])
def test_launcher_opens_the_notebook_with_g2c_at_hand(student, app, number):
    install_jupyter(student, app)
    done = noteboosh(student, number)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"started {app} {student / 'notebooks' / '03-nn.ipynb'}\nPYTHONPATH {student}\n" in done.stdout


def test_launcher_leaves_work_alone_when_opening(student):
    install_jupyter(student)
    (student / "notebooks" / "03-nn.ipynb").write_text("my work")
    noteboosh(student, "03")
    assert (student / "notebooks" / "03-nn.ipynb").read_text() == "my work"


def test_fresh_archives_every_version_of_the_work(student):
    install_jupyter(student)
    mine = student / "notebooks" / "03-nn.ipynb"
    for work in ("my work", "more work", "still more"):
        mine.write_text(work)
        done = noteboosh(student, "--fresh", "03")
        assert done.returncode == 0
        assert "Your notebook is kept in notebooks/archive/03-nn-" in done.stdout
        assert "started lab" in done.stdout
        assert mine.read_bytes() == EXERCISES.read_bytes()
    assert sorted(path.read_text() for path in archived(student)) == ["more work", "my work", "still more"]


def test_a_deleted_notebook_is_restored(student):
    install_jupyter(student)
    (student / "notebooks" / "03-nn.ipynb").unlink()
    assert noteboosh(student, "03").returncode == 0
    assert (student / "notebooks" / "03-nn.ipynb").read_bytes() == EXERCISES.read_bytes()


def test_fresh_without_a_pristine_copy_keeps_the_work(student):
    install_jupyter(student)
    (student / "notebooks" / "04-mine.ipynb").write_text("my work")
    done = noteboosh(student, "--fresh", "04")
    assert done.returncode == 1
    assert "no pristine copy of notebook 04" in done.stderr
    assert (student / "notebooks" / "04-mine.ipynb").read_text() == "my work"


def test_unknown_number_lists_what_exists(student):
    done = noteboosh(student, "08")
    assert done.returncode == 1
    assert done.stderr == "There is no notebook 08. These exist:\n  03-nn\n"


@pytest.mark.parametrize("arguments", [(), ("",), ("three",), ("--fresh",), ("03", "04"), ("../03",)])
def test_wrong_arguments_print_the_usage(student, arguments):
    done = noteboosh(student, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: ./noteboosh.sh 03 ")


def test_without_jupyter_the_fix_is_printed(student):
    done = noteboosh(student, "03")
    assert done.returncode == 1
    assert "Jupyter is not installed" in done.stderr
    assert "python -m pip install jupyterlab" in done.stderr
