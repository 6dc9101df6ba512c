"""The command as a whole: what there is, its version, and what a failure of ours looks like."""

import re

import pytest

from grader import __version__, cli
from grader.commands import host
from tests.command import EXIT_PROBLEM, assert_help, assert_usage_error, grader

COMMANDS = (
    *("grade", "replay", "check", "submit", "doctor", "demo"),
    *("serve", "worker", "db", "user", "course", "backup", "restore"),
    *("unit", "export", "sandbox", "data"),
)
GROUPS = ("db", "user", "course", "unit", "export", "sandbox", "data")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command_with_what_it_does(flag: str):
    result = grader(flag)
    assert_help(result)
    for command in COMMANDS:
        assert re.search(rf"^  {command} +[A-Z]", result.stdout, re.MULTILINE), command


def test_version():
    assert grader("--version").stdout.strip().endswith(__version__)


@pytest.mark.parametrize("arguments", [["grad"], ["--loud"], ["sandbox", "paint"], ["data", "sell"]])
def test_what_it_does_not_know_is_a_usage_error(arguments: list[str]):
    assert_usage_error(grader(*arguments), "No such")


@pytest.mark.parametrize("command", GROUPS)
def test_a_group_alone_explains_itself(command: str):
    assert "Usage: " in grader(command).output


def test_a_misspelt_setting_is_told_with_the_nearest_one():
    result = grader("doctor", env={"GRADER_SANDBOXX": "docker"})
    assert result.exit_code == EXIT_PROBLEM
    assert "GRADER_SANDBOXX is not a setting; did you mean GRADER_SANDBOX?" in result.stderr


def test_a_bug_of_ours_is_never_a_verdict(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Exit 1 means that a check says no; a bug must not look like that."""

    def fail() -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(host, "load_settings", fail)
    assert cli.main(["doctor"], standalone_mode=False) == EXIT_PROBLEM
    assert "ZeroDivisionError: a bug" in capfd.readouterr().err
