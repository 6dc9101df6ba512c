"""`grader doctor`: every need with its state, and the fix for what is missing."""

import json
from collections.abc import Sequence

import pytest

from grader.sandbox import selection
from grader.sandbox.interface import Finding
from grader.setting_values import SANDBOXES
from tests.command import assert_help, assert_usage_error, grader


class Host:
    """A backend of which only the findings are asked."""

    def __init__(self, name: str, *findings: Finding):
        self.name = name
        self._findings = findings

    def findings(self) -> Sequence[Finding]:
        return self._findings

    def prepared(self) -> Finding:
        return Finding("image", True, "built")


GOOD = Finding("kernel", True, "new enough")
BAD = Finding("engine", False, "no engine answers", "start it with: service docker start")


def test_help_and_usage():
    assert_help(grader("doctor", "--help"), "--json")
    assert_usage_error(grader("doctor", "now"), "unexpected extra argument")


def test_this_host_is_told_about_each_sandbox():
    result = grader("doctor", "--json")
    findings = json.loads(result.stdout)
    assert {finding["need"].partition(":")[0] for finding in findings} == {*SANDBOXES, "git push"}
    assert all(finding["ok"] or finding["detail"] for finding in findings)
    usable = all(finding["ok"] for finding in findings if finding["need"].startswith("bubblewrap"))
    assert result.exit_code == 0 or not usable


@pytest.mark.parametrize(
    ("hosts", "exit_code", "said"),
    [
        ([Host("docker", GOOD)], 0, "Ready to grade with: docker."),
        ([Host("docker", GOOD, BAD), Host("bubblewrap", GOOD)], 0, "Ready to grade with: bubblewrap."),
        ([Host("docker", BAD)], 1, "No sandbox is ready yet."),
    ],
)
def test_one_usable_sandbox_is_enough(monkeypatch, hosts: list[Host], exit_code: int, said: str):
    monkeypatch.setattr(selection, "backends", lambda _: hosts)
    result = grader("doctor")
    assert (result.exit_code, said in result.stdout) == (exit_code, True)


def test_what_is_missing_comes_with_its_fix(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(selection, "backends", lambda _: [Host("docker", GOOD, BAD)])
    lines = grader("doctor").stdout.splitlines()
    assert "ok       docker: kernel: new enough" in lines
    place = lines.index("MISSING  docker: engine: no engine answers")
    assert lines[place + 1] == "         fix: start it with: service docker start"
