"""The red team's unit: `nn` with a handful of quick tests, whose hidden ones hold a canary.

The tests are those in `redteam/unit`, for the grader as for the plain harness. In the hidden ones `@WORD@`,
`@NUMBER@` and `@LABELS@` stand for the canary's parts.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from grader.grading import make_job
from grader.judging.job import Job
from grader.settings import CHECKOUT
from grader.units import Unit, load_unit
from redteam.canary import Canary

TESTS = Path(__file__).parent / "unit"
POINTS = {"linear": 40.0, "activations": 30.0, "sequential": 15.0, "sgd": 15.0}
GROUPS = {
    "test_linear_before_all_others": "linear",
    "test_tanh": "activations",
    "test_relu": "activations",
    "test_sigmoid": "activations",
    "test_tanh_of_other_inputs": "activations",
    "test_tanh_as_a_function": "activations",
    "test_parameters": "sequential",
    "test_step": "sgd",
    "test_linear_after_all_others": "linear",
}
SEED = 11
NN = load_unit("nn", CHECKOUT)


def write_public_tests(folder: Path) -> None:
    """Write what students have of the tests into a folder, which is created."""
    shutil.copytree(TESTS / "tests", folder, ignore=shutil.ignore_patterns("__pycache__"))


def write_hidden_tests(folder: Path, canary: Canary, comparing: Path) -> None:
    """Write the hidden tests with this canary into a folder, which is created if missing.

    `comparing` is the module that compares for one of them: the grader's way or the plain one.
    """
    text = (TESTS / "hidden" / "test_hidden.py").read_text(encoding="utf-8")
    text = text.replace("@WORD@", canary.text).replace("@NUMBER@", str(canary.number))
    text = text.replace("@LABELS@", "".join(map(str, canary.labels)))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "test_hidden.py").write_text(text, encoding="utf-8")
    shutil.copy(comparing, folder / "comparing.py")


def small_unit(folder: Path) -> Unit:
    """The unit in a folder of its own, still without hidden tests; see `with_canary`."""
    template = folder / "template"
    write_public_tests(template / "tests")
    return dataclasses.replace(
        NN,
        template=template,
        hidden_tests=folder / "hidden",
        points=POINTS,
        given=frozenset(),
        limits=dataclasses.replace(
            NN.limits, import_cpu_s=2.0, memory_bytes=1024**3, tmp_bytes=16 * 1024**2, pids=48
        ),
    )


def with_canary(unit: Unit, folder: Path, canary: Canary) -> Unit:
    """The unit with hidden tests of its own, in a folder that no test run has read before."""
    write_hidden_tests(folder, canary, TESTS / "hidden" / "comparing.py")
    for name in ("mnist_recipe.py", "checks.py"):
        shutil.copy(NN.hidden_tests / name, folder)
    return dataclasses.replace(unit, hidden_tests=folder)


def job_for(folder: Path) -> Job:
    """The hand-in in a folder; RejectedError if intake refuses it."""
    return make_job(folder, NN, SEED, with_mnist=False)


def reference_job() -> Job:
    """Honest work, which gets full marks."""
    return job_for(NN.reference)
