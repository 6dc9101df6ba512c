"""The hidden tests of unit `nn`, run in one process against code that we trust.

In the sandbox they run by remote import; that the outcomes are the same is shown elsewhere, and
that every sample submission is told right from wrong is shown by the admission gate. Here: the
reference passes, the template does not, typical mistakes are named, and the tests, the hints and
unit.toml agree with each other.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.settings import CHECKOUT
from grader.units import load_unit

UNIT = load_unit("nn", CHECKOUT)
SAMPLES = CHECKOUT / "tests/submissions/nn"

PLUGIN = """
import json, os
import pytest, torch
from grader.judging.evidence import Evidence, Recorder

verdicts = {}

@pytest.fixture
def hint(request):
    return request.node.evidence

@pytest.fixture
def record(request):
    return request.node.recorder

def pytest_configure(config):
    for marker in ("group(name)", "explains(*ids)", "exception_codes(*codes)"):
        config.addinivalue_line("markers", marker)

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    torch.manual_seed(int(os.environ["HIDDEN_TESTS_SEED"]))
    allowed = [code for marker in item.iter_markers("exception_codes") for code in marker.args]
    item.evidence, item.recorder = Evidence(allowed), Recorder()

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" or report.failed:
        error = call.excinfo.value if call.excinfo else None
        verdicts[item.name] = {
            "passed": report.passed,
            "code": item.evidence.code_for(error) if report.failed else None,
            "message": "" if error is None else str(error)[:300],
            "groups": [marker.args[0] for marker in item.iter_markers("group")],
            "explains": [test for marker in item.iter_markers("explains") for test in marker.args],
            "pictures": item.recorder.pictures,
        }
    return report

def pytest_sessionfinish():
    with open(os.environ["HIDDEN_TESTS_VERDICTS"], "w") as file:
        json.dump(verdicts, file, allow_nan=False)
"""


def verdicts_of(package: Path, tmp_path: Path, *options: str, seed: int = 1) -> dict[str, dict]:
    """Run the hidden tests against the folder that holds `g2c` and return every test's verdict."""
    (tmp_path / "in_process_plugin.py").write_text(PLUGIN, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (package, tmp_path, CHECKOUT))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "HIDDEN_TESTS_SEED": str(seed),
        "HIDDEN_TESTS_VERDICTS": str(tmp_path / "verdicts.json"),
    }
    arguments = ["-p", "in_process_plugin", "-p", "no:cacheprovider", "-c", str(tmp_path / "pytest.ini")]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments, str(UNIT.hidden_tests), *options],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode in (0, 1), run.stdout + run.stderr
    return json.loads((tmp_path / "verdicts.json").read_text(encoding="utf-8"))


def sample(name: str, tmp_path: Path) -> Path:
    """Return a folder with the reference's package, changed as the sample submission says."""
    folder = tmp_path / "sample"
    shutil.copytree(UNIT.reference / "g2c", folder / "g2c")
    shutil.copytree(SAMPLES / name / "g2c", folder / "g2c", dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    return verdicts_of(UNIT.reference, tmp_path_factory.mktemp("reference"))


def test_the_reference_passes_every_hidden_test(reference):
    assert {name: v["message"] for name, v in reference.items() if not v["passed"]} == {}


def test_the_template_passes_none_and_is_told_so(tmp_path):
    verdicts = verdicts_of(UNIT.template, tmp_path)
    assert [name for name, v in verdicts.items() if v["passed"]] == []
    assert {v["code"] for v in verdicts.values()} == {"not-implemented"}


DEAD_NETS = """

def _dead(*layers):
    for layer in layers:
        for p in layer.parameters():
            p.data.zero_()
    return Sequential(*layers)


def build_2d_classifier(*, hidden=16):
    return _dead(Linear(2, hidden), ReLU(), Linear(hidden, 2))


def build_mnist_mlp(*, hidden=128, use_relu=True):
    return _dead(Linear(784, hidden), ReLU(), Linear(hidden, 10))
"""
DEAD_LAYERS = """

def _forward(self, x):
    for p in self.parameters():
        p.data.zero_()
    return torch.zeros(len(x), list(self.parameters())[-1].shape[-1])


Linear.forward = Sequential.forward = _forward
"""


def test_zeros_everywhere_are_no_solution(tmp_path):
    """With zeros in all parameters zeros are right: expected values may not rest on what was found there."""
    shutil.copytree(UNIT.template / "g2c", tmp_path / "sample" / "g2c")
    for module, text in (("train", DEAD_NETS), ("modules", DEAD_LAYERS)):
        with (tmp_path / "sample" / "g2c" / "nn" / f"{module}.py").open("a", encoding="utf-8") as file:
            file.write(text)
    verdicts = verdicts_of(tmp_path / "sample", tmp_path)
    assert [name for name, v in verdicts.items() if v["passed"]] == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("weights-transposed", "weights-transposed"),
        ("cross-entropy-global-max", "cross-entropy-global-max"),
        ("param-rebound-in-no-grad", "param-rebound"),
        ("zero-grad-missing-everywhere", "zero-grad-missing"),
        ("epoch-loss-unweighted-mean", "epoch-loss-unweighted"),
    ],
)
def test_a_mistake_is_named_wherever_it_shows_and_nothing_else_is(name, code, tmp_path):
    without_exercises = f"--ignore={UNIT.hidden_tests}/test_exercises.py"
    verdicts = verdicts_of(sample(f"wrong/{name}", tmp_path), tmp_path, without_exercises)
    assert {v["code"] for v in verdicts.values() if not v["passed"]} == {code}


def test_every_test_has_one_group_with_points(reference):
    groups = {name: v["groups"] for name, v in reference.items()}
    assert all(len(of_test) == 1 for of_test in groups.values()), groups
    assert {group for of_test in groups.values() for group in of_test} == set(UNIT.points)


def test_explained_public_tests_exist(reference):
    public = set(re.findall(r"^def (test_\w+)", UNIT.public_tests_path.read_text(encoding="utf-8"), re.M))
    explained = {test for v in reference.values() for test in v["explains"]}
    assert {test.removeprefix(f"{UNIT.public_tests}::") for test in explained} <= public


def test_public_tests_that_carry_points_are_explained_once(reference):
    explained = [test for v in reference.values() for test in v["explains"]]
    assert len(explained) == len(set(explained))
    public = re.findall(r"^def (test_\w+)", UNIT.public_tests_path.read_text(encoding="utf-8"), re.M)
    with_points = {f"{UNIT.public_tests}::{test}" for test in public} - UNIT.given
    assert with_points <= set(explained)


def test_every_code_in_the_tests_has_its_sentence():
    files = UNIT.hidden_tests.glob("*.py")
    codes = {
        code for file in files for code in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', file.read_text("utf-8"))
    }
    assert len(codes) > 20
    assert codes <= set(UNIT.hints)


def test_exercises_draw_their_pictures(reference):
    pictures = {name: data for v in reference.values() for name, data in v["pictures"].items()}
    assert set(pictures) == {"linear_regression", "decision_boundary", "moons", "overfitting"}
    assert len(pictures["linear_regression"]["losses"]) == 500
    for panel in (*pictures["decision_boundary"].values(), *pictures["moons"].values()):
        assert [len(row) for row in panel["grid"]] == [40] * 40
        assert all(panel["x_min"] < x < panel["x_max"] and label in (0, 1) for x, _, label in panel["points"])
    overfitting = pictures["overfitting"]
    assert {
        len(curve) for part in ("without_decay", "with_decay") for curve in overfitting[part].values()
    } == {len(overfitting["steps"])}
