"""`grader sandbox prepare`, `grader data fetch`: nothing to do twice, and words where it can't be done."""

import pytest

from grader.sandbox import selection
from grader.sandbox.interface import Finding
from tests.command import EXIT_PROBLEM, assert_help, assert_usage_error, grader


class Host:
    """A backend that notes that it was prepared."""

    def __init__(self, name: str, *, ok: bool):
        self.name, self.ok, self.was_prepared = name, ok, False

    def findings(self) -> list[Finding]:
        return [Finding("engine", self.ok, "answers" if self.ok else "no engine answers", "start it")]

    def prepare(self, progress) -> None:
        progress("Building")
        self.was_prepared = True


def hosts(monkeypatch: pytest.MonkeyPatch, **ok: bool) -> dict[str, Host]:
    found = {name: Host(name, ok=is_ok) for name, is_ok in ok.items()}
    monkeypatch.setattr(selection, "backends", lambda _: list(found.values()))
    return found


def test_help_and_usage():
    assert_help(grader("sandbox", "prepare", "--help"), "docker")
    assert_help(grader("data", "fetch", "--help"), "MNIST")
    assert_usage_error(grader("sandbox", "prepare", "chroot"), "'chroot' is not one of")
    assert_usage_error(grader("data", "fetch", "mnist"), "unexpected extra argument")


def test_what_the_host_offers_is_prepared_and_the_rest_is_named(monkeypatch: pytest.MonkeyPatch):
    found = hosts(monkeypatch, docker=False, bubblewrap=True)
    result = grader("sandbox", "prepare")
    assert result.exit_code == 0
    assert "docker: not on this host: no engine answers" in result.stdout
    assert "bubblewrap: ready" in result.stdout and "Building" in result.stderr
    assert found["bubblewrap"].was_prepared and not found["docker"].was_prepared


def test_one_can_be_asked_for(monkeypatch: pytest.MonkeyPatch):
    found = hosts(monkeypatch, docker=True, bubblewrap=True)
    assert grader("sandbox", "prepare", "docker").exit_code == 0
    assert found["docker"].was_prepared and not found["bubblewrap"].was_prepared


def test_nothing_to_prepare_is_our_problem_and_says_where_to_look(monkeypatch: pytest.MonkeyPatch):
    hosts(monkeypatch, docker=False, bubblewrap=False)
    result = grader("sandbox", "prepare")
    assert result.exit_code == EXIT_PROBLEM
    assert "grader doctor" in result.stderr


def test_data_that_are_there_are_not_fetched_again():
    grader("data", "fetch")
    result = grader("data", "fetch")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "MNIST: ready\n", "")
