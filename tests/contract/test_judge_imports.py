"""A package that can't be imported: every test says so at once, and none of them opens a session."""

import dataclasses

import pytest

from grader.judging.examiner import OUTPUT_BYTES
from grader.judging.judge import Bench
from grader.judging.result import GradingResult
from grader.remote.importing.deadlines import SessionLimits
from tests.contract.judging import NN, graded, job_for, solved_with, verdicts

BROKEN = {
    "a syntax error": ("def broken(:\n", "failed", "SyntaxError", "g2c/nn/train.py, line 1"),
    "a missing library": ("import pandas\n", "failed", "No module named 'pandas'", "line 1, in <module>"),
    "an error of its own": ("x = 1\nraise ValueError('no')\n", "failed", "ValueError: no", "line 2"),
    "an endless loop": ("while True:\n    pass\n", "timeout", "longer than 2 s", "inside functions"),
    "an exit": ("import os\nos._exit(0)\n", "crashed", "ended the process", "os._exit()"),
    "a polite exit": ("raise SystemExit(0)\n", "failed", "SystemExit", ""),
    "its own timeout error": ("raise TimeoutError('mine')\n", "failed", "TimeoutError: mine", ""),
    "a crash": ("import ctypes\nctypes.string_at(0)\n", "crashed", "ended the process", ""),
}


@pytest.fixture
def no_session(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a session was opened")

    monkeypatch.setattr(bench.student, "open_session", refuse)


def messages(result: GradingResult) -> set[str]:
    return {test.message for test in result.tests}


def assert_every_test_says(source: str, bench: Bench, outcome: str, why: str, what: str) -> None:
    result = graded(job_for(NN.reference, train=source), bench)
    assert set(verdicts(result).values()) == {outcome}
    assert result.score == 0
    (message,) = messages(result)
    assert message.startswith("Your package can't be imported: ")
    assert why in message and what in message


@pytest.mark.usefixtures("no_session")
@pytest.mark.parametrize(("source", "outcome", "why", "what"), BROKEN.values(), ids=BROKEN.keys())
def test_every_test_says_why(bench: Bench, source: str, outcome: str, why: str, what: str):
    assert_every_test_says(source, bench, outcome, why, what)


@pytest.mark.usefixtures("no_session")
def test_a_memory_hog(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    """With time enough: a crowded machine may need more than the bench's 2 s to fill that much memory."""
    monkeypatch.setattr(bench.student, "_import_limits", SessionLimits(60.0, 120.0, OUTPUT_BYTES))
    source = "held = []\nwhile True:\n    held.append(bytearray(2**26))\n"
    assert_every_test_says(source, bench, "out_of_memory", "memory", "")


def test_a_name_that_is_missing_costs_only_the_tests_that_use_it(bench: Bench):
    removed = solved_with(module="__init__", old=", Tanh\n", new="\n")
    result = graded(job_for(NN.reference, **removed), bench)
    assert [name for name, outcome in verdicts(result).items() if outcome != "passed"] == ["test_tanh"]
    assert any("cannot import name 'Tanh' from 'g2c.nn'" in message for message in messages(result))


def test_mnist_is_not_tried(bench: Bench):
    """It would need the data set, which this bench does not have."""
    job = dataclasses.replace(job_for(NN.reference, train="import os\nos._exit(0)\n"), with_mnist=True)
    assert bench.mnist is None
    result = graded(job, bench)
    assert result.mnist is not None and result.mnist.outcome == "crashed"
    assert "ended the process" in result.mnist.message
    assert [test.outcome for test in result.tests if test.group == "mnist"] == ["crashed", "crashed"]
