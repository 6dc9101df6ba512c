"""`grader grade`: what it takes, and what it refuses before a sandbox is started."""

import json
from pathlib import Path

import pytest

from grader.report.json_schema import validate_report
from grader.settings import CHECKOUT
from tests.command import EXIT_PROBLEM, EXIT_REJECTED, assert_help, assert_usage_error, grader

REFERENCE = CHECKOUT / "reference" / "nn"


def test_help_names_every_option():
    options = ("--unit", "--sandbox", "--json", "--junit", "--html", "--seed", "--no-mnist")
    assert_help(grader("grade", "--help"), "folder, .zip, .tar.gz or local git repository", *options)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument 'PATH'"),
        (["no/such/folder"], "does not exist"),
        ([REFERENCE, "--unit", "nnn"], "there is no unit 'nnn'; there is nn"),
        ([REFERENCE, "--unit", "../nn"], "there is no unit"),
        ([REFERENCE, "--sandbox", "chroot"], "'chroot' is not one of"),
        ([REFERENCE, "--seed", "-1"], "--seed"),
        ([REFERENCE, "--seed", "many"], "'many' is not a valid integer"),
        ([REFERENCE, "--seed", str(2**53 + 1)], "--seed"),
        ([REFERENCE, REFERENCE], "unexpected extra argument"),
        ([REFERENCE, "--jsn", "x"], "--json"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[object], said: str):
    assert_usage_error(grader("grade", *arguments), said)


@pytest.fixture
def refused(tmp_path: Path) -> Path:
    path = tmp_path / "homework.zip"
    path.write_bytes(b"no archive at all")
    return path


def test_a_hand_in_that_intake_refuses_is_told_why(refused: Path):
    result = grader("grade", refused)
    assert result.exit_code == EXIT_REJECTED
    assert "not graded" in result.stdout and "neither a .zip nor a .tar.gz" in result.stdout


def test_a_refusal_has_a_report_too(refused: Path, tmp_path: Path):
    reports = {kind: tmp_path / "new folder" / f"report.{kind}" for kind in ("junit", "html")}
    result = grader(
        "grade", refused, "--json", "-", "--seed", 5, "--junit", reports["junit"], "--html", reports["html"]
    )
    assert result.exit_code == EXIT_REJECTED
    report = json.loads(result.stdout)
    validate_report(report)
    assert (report["status"], report["score"]) == ("rejected", None)
    assert [entry["code"] for entry in report["rejected"]] == ["not-an-archive"]
    assert report["provenance"]["seed"] == 5
    assert report["provenance"]["unit_digest"].startswith("sha256:")
    assert all("neither a .zip nor a .tar.gz" in path.read_text("utf-8") for path in reports.values())


@pytest.mark.parametrize("option", ["--json", "--junit", "--html"])
def test_a_report_that_can_not_be_written_is_a_usage_error(refused: Path, tmp_path: Path, option: str):
    result = grader("grade", refused, option, tmp_path)
    assert result.exit_code == 2
    assert f"{tmp_path} can't be written: Is a directory" in result.stderr


def test_a_broken_unit_is_our_problem(tmp_path: Path):
    (tmp_path / "hidden_tests" / "nn").mkdir(parents=True)
    (tmp_path / "hidden_tests" / "nn" / "unit.toml").write_text("name = 3\n", encoding="utf-8")
    result = grader("grade", REFERENCE, env={"GRADER_UNITS_ROOT": str(tmp_path)})
    assert result.exit_code == EXIT_PROBLEM
    assert "unit.toml" in result.stderr
