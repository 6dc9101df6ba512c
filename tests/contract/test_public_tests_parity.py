"""The public tests end alike in-process and remotely, for every hand-in that we have.

That is what lets a student trust `pytest` on a laptop: the template, the reference, and every
wrong and every merely different sample are run both ways, and each test must pass in both or fail
in both with the same type of exception. That takes ten minutes, so usually a third of the samples is run;
all of them with GRADER_EVERY_SAMPLE=1, after a change to remote import or to the public tests.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import SandboxUnavailable
from grader.judging.samples import SampleKind, load_samples
from grader.sandbox.selection import choose
from grader.settings import load_settings
from tests.contract.students import IN_PROCESS

ROOT = Path(__file__).resolve().parents[2]
REFERENCE, TEMPLATE = ROOT / "reference/nn", ROOT / "student_template/nn"
STRIDE = 1 if os.environ.get("GRADER_EVERY_SAMPLE") else 3
TIMEOUT_S = 3_000  # a few minutes on an idle machine

pytestmark = pytest.mark.timeout(TIMEOUT_S)

# Fails both ways, but by another error: remotely the student's graph is kept after a backward pass, so a
# second pass through a parameter that is itself a result is not refused.
OTHER_ERROR = {("wrong/requires-grad-missing-not-a-leaf", "test_sgd_step_is_not_recorded_by_autograd")}

FRIENDLY = [s for s in load_samples(ROOT / "tests/submissions/nn") if s.kind is not SampleKind.HOSTILE]
NAMED = {name for name, _ in OTHER_ERROR}
SAMPLES = [s for number, s in enumerate(FRIENDLY) if number % STRIDE == 0 or s.name in NAMED]
HAND_INS = ["template", "reference", *(sample.name for sample in SAMPLES)]
Outcomes = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def hand_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every hand-in, and the public tests."""
    folder = tmp_path_factory.mktemp("hand-ins")
    for name, source in (("template", TEMPLATE), ("reference", REFERENCE)):
        shutil.copytree(source / "g2c", folder / name / "g2c", ignore=shutil.ignore_patterns("__pycache__"))
    for sample in SAMPLES:
        sample.write_to(folder / folder_name(sample.name), REFERENCE)
    shutil.copytree(TEMPLATE / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def outcomes(hand_ins: Path) -> tuple[Outcomes, Outcomes]:
    """What both ways made of all hand-ins; they run at the same time. Either sandbox will do."""
    try:
        backend = choose("auto", load_settings())
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    command = [sys.executable, "-m", "tests.contract.parity_runner"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(
            [*command, where, str(hand_ins)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        for where in (IN_PROCESS, backend.name)
    ]
    try:
        answers = [process.communicate(timeout=TIMEOUT_S)[0] for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    assert [process.returncode for process in running] == [0, 0]
    return json.loads(answers[0]), json.loads(answers[1])


def folder_name(name: str) -> str:
    return name.replace("/", "-")


@pytest.mark.parametrize("name", HAND_INS)
def test_outcomes_are_the_same(outcomes: tuple[Outcomes, Outcomes], name: str):
    here, there = (found[folder_name(name)] for found in outcomes)
    if "collection" in here:  # remotely, a package that can't be imported fails test by test
        assert "passed" not in there.values()
        return
    for test in [test for sample, test in OTHER_ERROR if sample == name]:
        assert "passed" not in (here.pop(test), there.pop(test))
    assert there == here


def test_the_template_fails_and_the_reference_passes(outcomes: tuple[Outcomes, Outcomes]):
    for found in outcomes:
        assert set(found["reference"].values()) == {"passed"}
        assert "NotImplementedError" in found["template"].values()
        assert len(found["template"]) == len(found["reference"]) > 40
