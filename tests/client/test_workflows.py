"""The workflow files that students get: they parse, their commands exist, and they do what they say."""

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.client.command import submit
from grader.client.configuration import COURSE, SERVER, TOKEN
from grader.results.unit_files import template_zip
from grader.settings import CHECKOUT
from grader.submissions.archive import read_archive_bytes
from grader.units import load_unit
from tests.client.conftest import Client

TEMPLATE = CHECKOUT / "student_template" / "nn"
GITHUB, GITLAB = TEMPLATE / ".github/workflows/grade.yml", TEMPLATE / ".gitlab-ci.yml"


def job(path: Path) -> dict[str, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    found: dict[str, Any] = content["grade"] if path == GITLAB else content["jobs"]["grade"]
    return found


def script(path: Path) -> list[str]:
    """The lines that the job runs."""
    if path == GITLAB:
        return list(job(path)["script"])
    return [step["run"] for step in job(path)["steps"] if "run" in step]


def submit_line(path: Path) -> str:
    (line,) = (line for line in script(path) if line.startswith("grader "))
    return line


@pytest.mark.parametrize("path", [GITHUB, GITLAB], ids=["github", "gitlab"])
class TestBoth:
    def test_the_command_has_these_options(self, path: Path):
        program, name, *arguments = shlex.split(submit_line(path))
        assert (program, name) == ("grader", "submit")
        with submit.make_context("submit", arguments) as context:
            assert context.params["unit"] == load_unit("nn", CHECKOUT).name
            assert context.params["wait"]

    def test_it_sleeps_until_a_service_is_named(self, path: Path):
        condition = job(path)["rules"][0]["if"] if path == GITLAB else job(path)["if"]
        assert SERVER in condition

    def test_the_job_may_last_longer_than_the_waiting(self, path: Path):
        minutes = int(job(path)["timeout"].split()[0]) if path == GITLAB else job(path)["timeout-minutes"]
        (timeout,) = (option.default for option in submit.params if option.name == "timeout")
        assert minutes * 60 > timeout

    def test_it_says_what_to_set(self, path: Path):
        text = path.read_text(encoding="utf-8")
        for name in (TOKEN, SERVER, COURSE, "GRADER_CLIENT"):
            assert name in text.partition("\n\n" if path == GITLAB else "name:")[0]

    def test_run_for_real(self, path: Path, client: Client, make_work: Callable[..., Path]):
        """The script's line, in a checkout, with the variables as the CI system hands them on."""
        work = make_work(ci=path.name)
        done = subprocess.run(
            ["sh", "-eu", "-c", submit_line(path)],
            cwd=work,
            env=client.environment.variables(client.home) | client.variables | {COURSE: ""},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert {file.name for file in work.glob("grader-report.*")} == {
            "grader-report.json",
            "grader-report.xml",
        }


def test_secrets_are_in_no_command_and_go_to_one_step_only():
    steps = job(GITHUB)["steps"]
    assert [TOKEN in step.get("env", {}) for step in steps].count(True) == 1
    assert all("${{" not in step.get("run", "") for step in steps)
    assert yaml.safe_load(GITHUB.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}


def test_the_template_with_them_can_still_be_handed_in():
    unit = load_unit("nn", CHECKOUT)
    read = read_archive_bytes(template_zip(unit), "nn.zip", unit.package, unit.required_files)
    assert "g2c/nn/loss.py" in read.files
    assert read.review == ()
