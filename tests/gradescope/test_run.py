"""The exported zip, unpacked and run as Gradescope does: as root, with everything below /autograder.

What setup.sh would install is this machine's own; the rest is the zip's. The root is this machine's file
system in a mount table of its own, so that /autograder can be there and nothing of it stays.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.gradescope.export import autograder_zip
from grader.sandbox.bubblewrap import BubblewrapBackend
from grader.settings import CHECKOUT, load_settings
from grader.units import load_unit
from tests.gradescope.schema import parse_results

CONTAINER = Path(__file__).parent / "container.sh"


@dataclass(frozen=True)
class Autograder:
    """A folder that is /autograder to what runs in it."""

    folder: Path

    @property
    def results(self) -> Path:
        return self.folder / "results" / "results.json"

    def run(self, hand_in: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run run_autograder on a copy of the hand-in's package."""
        shutil.rmtree(self.folder / "submission", ignore_errors=True)
        shutil.copytree(hand_in / "g2c", self.folder / "submission" / "g2c")
        environment = {"PATH": os.defpath + ":/usr/sbin:/sbin", "HOME": "/root", "OMP_NUM_THREADS": "1"}
        mnist = load_settings().mnist_dir
        return subprocess.run(
            ["unshare", "--mount", "sh", CONTAINER, self.folder, "/autograder/run_autograder"],
            env=environment | ({"GRADER_MNIST_DIR": str(mnist)} if mnist else {}) | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="module")
def autograder(tmp_path_factory: pytest.TempPathFactory) -> Autograder:
    backend = BubblewrapBackend(load_settings().data_dir)
    if missing := [finding for finding in backend.findings() if not finding.ok]:
        pytest.skip(f"bubblewrap: {missing[0].need}: {missing[0].detail}")
    if not backend.prepared().ok:
        backend.prepare()
    folder = tmp_path_factory.mktemp("autograder")
    for name in ("source", "results"):
        (folder / name).mkdir()
    (folder / "autograder.zip").write_bytes(autograder_zip(load_unit("nn", CHECKOUT)))
    subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", folder / "autograder.zip", folder / "source"], check=True
    )
    shutil.copy(folder / "source" / "run_autograder", folder / "run_autograder")
    (folder / "run_autograder").chmod(0o755)
    (folder / "source" / ".venv").symlink_to(Path(sys.prefix).resolve())
    (folder / "source" / "var").symlink_to(load_settings().data_dir.resolve())
    return Autograder(folder)


def test_the_reference_earns_everything(autograder: Autograder):
    ran = autograder.run(CHECKOUT / "reference" / "nn")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    results = parse_results(autograder.results.read_text())
    assert results["score"] == 100
    assert {entry["status"] for entry in results["tests"] if "status" in entry} == {"passed"}
    assert any(entry["name"].startswith("MNIST:") for entry in results["tests"])


def test_the_template_earns_nothing(autograder: Autograder):
    ran = autograder.run(CHECKOUT / "student_template" / "nn")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    results = parse_results(autograder.results.read_text())
    assert results["score"] == 0
    assert "Nothing earns points yet" in results["output"]
    later = [entry for entry in results["tests"] if entry["visibility"] == "after_due_date"]
    assert later, "the unit shows the messages of hidden tests after the deadline"


def test_a_refused_hand_in_is_graded_as_such(autograder: Autograder, tmp_path: Path):
    shutil.copytree(CHECKOUT / "student_template" / "nn" / "g2c", tmp_path / "g2c")
    (tmp_path / "g2c/nn/loss.py").unlink()
    ran = autograder.run(tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    results = parse_results(autograder.results.read_text())
    assert results["score"] == 0
    assert "loss.py is missing" in results["tests"][0]["output"]


def test_where_no_sandbox_can_run_there_is_no_score(autograder: Autograder):
    """A container without privileges: loud, with the fix, and no results.json, not even an old one."""
    autograder.results.write_text('{"score": 100}')
    ran = autograder.run(CHECKOUT / "reference" / "nn", CLOSED="1")
    assert ran.returncode == 4
    assert not autograder.results.exists()
    assert "Student code can't be run safely here" in ran.stderr
    assert "not the student's fault" in ran.stdout and "MISSING" in ran.stdout
