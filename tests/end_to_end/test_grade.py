"""The command as people type it: from a hand-in on disk to reports and exit codes, in real sandboxes."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.judging.samples import load_samples
from grader.report.json_schema import validate_report
from grader.sandbox.selection import backends
from grader.setting_values import SANDBOXES
from grader.settings import CHECKOUT, load_settings

REFERENCE = CHECKOUT / "reference" / "nn"
SAMPLES = {sample.name: sample for sample in load_samples(CHECKOUT / "tests" / "submissions" / "nn")}
WRONG, ITS_HINT = SAMPLES["wrong/lr-ignored-classifier"], "lr-ignored"
SEED = 2026


@dataclass(frozen=True)
class Run:
    """What the command did."""

    exit_code: int
    stdout: str
    stderr: str


def grader(*arguments: object, **settings: object) -> Run:
    """Run `grader ARGUMENTS…` in a process of its own."""
    environment = os.environ | {f"GRADER_{name.upper()}": str(value) for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", *map(str, arguments)],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module", params=SANDBOXES)
def sandbox(request: pytest.FixtureRequest) -> str:
    """The name of each sandbox that this host offers."""
    (backend,) = (each for each in backends(load_settings()) if each.name == request.param)
    unmet = [finding.detail for finding in backend.findings() if not finding.ok]
    if unmet:
        pytest.skip(f"{request.param}: {'; '.join(unmet)}")
    return backend.name


@dataclass(frozen=True)
class Graded:
    """A hand-in with a known mistake, and everything that `grader grade` said about it."""

    hand_in: Path
    run: Run
    json_path: Path
    junit_path: Path
    html_path: Path

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.json_path.read_text("utf-8"))
        return report


@pytest.fixture(scope="module")
def graded(sandbox: str, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    folder = tmp_path_factory.mktemp(sandbox)
    WRONG.write_to(folder / "hand-in", REFERENCE)
    paths = [folder / "reports" / f"report.{kind}" for kind in ("json", "xml", "html")]
    options = [text for pair in zip(("--json", "--junit", "--html"), paths, strict=True) for text in pair]
    run = grader("grade", folder / "hand-in", "--sandbox", sandbox, "--no-mnist", "--seed", SEED, *options)
    return Graded(folder / "hand-in", run, *paths)


def test_any_score_is_a_success(graded: Graded):
    assert graded.run.exit_code == 0, graded.run.stderr
    assert re.search(r"^nn: [\d.]+ of 100 points$", graded.run.stdout, re.MULTILINE)
    assert "What to fix first" in graded.run.stdout


def test_the_json_report_keeps_to_its_schema(graded: Graded, sandbox: str):
    report = graded.report
    validate_report(report)
    assert (report["status"], report["unit"], report["mnist"]) == ("graded", "nn", None)
    assert 0 < report["score"] < 85
    assert {test["hint"]["code"] for test in report["tests"] if test["hint"]} == {ITS_HINT}
    assert report["provenance"]["sandbox"] == sandbox
    assert report["provenance"]["seed"] == SEED
    assert not graded.json_path.read_text("utf-8").endswith("\n\n")


def test_junit_counts_the_same_failures(graded: Graded):
    suites = ElementTree.parse(graded.junit_path).getroot()
    failures = [case for case in suites.iter("testcase") if case.find("failure") is not None]
    assert len(failures) == sum(test["outcome"] == "failed" for test in graded.report["tests"]) > 0


def test_the_page_needs_nothing_else(graded: Graded):
    page = graded.html_path.read_text("utf-8")
    assert page.startswith("<!doctype html>") and "<script" not in page
    assert re.findall(r"""(?:src|href)=["'](?!#|data:)[^"']*""", page) == []
    assert "url(" not in page


def test_replay_gives_the_same_verdicts(graded: Graded):
    run = grader("replay", graded.json_path, graded.hand_in)
    assert (run.exit_code, run.stdout) == (0, "The same verdicts.\n")


def test_replay_of_other_code_is_refused(graded: Graded):
    run = grader("replay", graded.json_path, REFERENCE)
    assert run.exit_code == 2
    assert "its files differ" in run.stderr


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder / "homework"), "zip", REFERENCE))


def tarred(folder: Path) -> Path:
    """As GitHub packs it: one folder above all files."""
    with tarfile.open(folder / "homework.tar.gz", "w:gz") as archive:
        archive.add(REFERENCE / "g2c", "homework-main/g2c")
    return folder / "homework.tar.gz"


def committed(folder: Path) -> Path:
    """A bare repository, as a server keeps it."""
    work, bare = folder / "work", folder / "homework.git"
    shutil.copytree(REFERENCE / "g2c", work / "g2c", ignore=shutil.ignore_patterns("__pycache__"))
    who = ["-c", "user.name=A student", "-c", "user.email=student@example.org"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "Homework"]):
        subprocess.run(["git", *command], cwd=work, check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(work), str(bare)], check=True)
    return bare


@pytest.mark.parametrize("pack", [zipped, tarred, committed])
def test_the_reference_gets_all_points_however_it_is_handed_in(pack: Callable[[Path], Path], tmp_path: Path):
    run = grader("grade", pack(tmp_path), "--no-mnist", "--json", "-")
    assert run.exit_code == 0, run.stderr
    report = json.loads(run.stdout)  # nothing else is on stdout
    validate_report(report)
    assert report["score"] == 85, [test for test in report["tests"] if test["outcome"] != "passed"]
    assert "nn: 85 of 100 points" in run.stderr


def test_what_makes_no_sense_exits_with_2():
    assert grader("grade", "no/such/path").exit_code == 2


def test_what_intake_refuses_exits_with_3(tmp_path: Path):
    (tmp_path / "essay.txt").write_text("My homework", encoding="utf-8")
    run = grader("grade", tmp_path, "--json", "-")
    assert run.exit_code == 3
    report = json.loads(run.stdout)
    validate_report(report)
    assert report["status"] == "rejected" and report["score"] is None


def test_a_problem_of_ours_exits_with_4_and_gives_no_score(tmp_path: Path):
    for folder in ("hidden_tests", "reference", "student_template"):
        shutil.copytree(CHECKOUT / folder / "nn", tmp_path / folder / "nn")
    (tmp_path / "hidden_tests" / "nn" / "test_linear.py").write_text("import no_such_library\n", "utf-8")
    run = grader("grade", REFERENCE, "--no-mnist", "--json", "-", units_root=tmp_path)
    assert run.exit_code == 4
    report = json.loads(run.stdout)
    validate_report(report)
    assert report["status"] == "grader_problem" and report["score"] is None and report["tests"] == []
    assert "no_such_library" in report["problem"]
    assert report["provenance"].keys() >= {"seed", "unit_digest", "submission_digest", "sandbox"}
