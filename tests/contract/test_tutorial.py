"""The tutorial's commands, run as a newcomer would run them, do what it says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.doctor import run_doctor, usable
from grader.sandbox.selection import backends
from grader.settings import load_settings
from tests.markdown import ROOT, read

TUTORIAL = read("docs/tutorial/first-grading.md")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder that looks like a clone after `make setup`, to write `var/` in."""
    if not usable(run_doctor(backends(load_settings()))):
        pytest.skip("no sandbox is ready on this machine")
    (tmp_path / "reference").symlink_to(ROOT / "reference")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "var").mkdir()
    return tmp_path


def run(script: str, folder: Path) -> str:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_tutorial_does_what_it_says(clone: Path):
    set_up, grade_reference, break_it, grade_it, replay = re.findall(
        r"^```sh\n(.*?)^```", TUTORIAL, re.MULTILINE | re.DOTALL
    )
    assert set_up == "make setup\n"
    assert "100 of 100 points" in run(grade_reference, clone)
    run(break_it, clone)
    assert "What to fix first" in run(grade_it, clone)
    report = json.loads((clone / "var/first.json").read_text(encoding="utf-8"))
    hints = {(test["hint"]["code"], test["hint"]["text"]) for test in report["tests"] if test["hint"]}
    ((code, sentence),) = hints
    assert f"`{code}`" in TUTORIAL
    assert sentence in " ".join(TUTORIAL.replace("\n> ", " ").split())
    assert "The same verdicts." in run(replay, clone)
    assert "The same verdicts." in TUTORIAL
