"""What is our mistake is raised, never counted against a student."""

import dataclasses
import socket
from pathlib import Path

import pytest

from grader.errors import SandboxError, UnitError
from grader.judging.judge import Bench
from grader.judging.result import Outcome
from grader.sandbox.interface import Sandbox
from tests.contract.judging import HIDDEN_TESTS, NN, graded, job_for, small_unit

BROKEN_TESTS = {
    "it is no Python": ("def test_broken(:\n", "SyntaxError"),
    "it imports what is not there": ("import no_such_library\n", "no_such_library"),
    "it uses student code outside a test": (
        "from g2c.nn import Linear\nlayer = Linear(2, 3)\n",
        "only inside a test",
    ),
    "a test has no group": ("def test_lonely():\n    pass\n", "test_lonely has no @pytest.mark.group"),
    "a group has no points": (
        "import pytest\n@pytest.mark.group('sgdd')\ndef test_typo():\n    pass\n",
        "sgdd",
    ),
    "a hint has no sentence": (
        "import pytest\n@pytest.mark.group('linear')\n"
        "def test_typo(hint):\n    hint.when(True, 'no-such-hint')\n    assert False\n",
        "no-such-hint",
    ),
}


def with_tests(bench: Bench, folder: Path, hidden_tests: str) -> Bench:
    return dataclasses.replace(bench, unit=small_unit(folder, hidden_tests))


@pytest.mark.parametrize(("source", "why"), BROKEN_TESTS.values(), ids=BROKEN_TESTS.keys())
def test_a_broken_test_file_is_a_unit_error(bench: Bench, tmp_path: Path, source: str, why: str):
    broken = with_tests(bench, tmp_path, HIDDEN_TESTS)
    (broken.unit.hidden_tests / "test_second.py").write_text(source, encoding="utf-8")
    with pytest.raises(UnitError, match=why):
        graded(job_for(NN.reference), broken)


def test_a_unit_without_tests_is_a_unit_error(bench: Bench, tmp_path: Path):
    broken = with_tests(bench, tmp_path, "")
    broken.unit.public_tests_path.write_text("", encoding="utf-8")
    with pytest.raises(UnitError, match="can't be run"):
        graded(job_for(NN.reference), broken)


def test_mnist_without_its_data_is_a_unit_error(bench: Bench):
    with pytest.raises(UnitError, match="the data were not loaded"):
        graded(dataclasses.replace(job_for(NN.reference), with_mnist=True), bench)


def test_a_sandbox_that_died_while_it_waited_is_replaced(bench: Bench):
    bench.student.warm()
    bench.student.sandbox.control.shutdown(socket.SHUT_RDWR)
    result = graded(job_for(NN.reference), bench)
    assert {test.outcome for test in result.tests} == {Outcome.PASSED}


def test_without_another_sandbox_it_is_our_failure(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    bench.student.warm()
    bench.student.sandbox.control.shutdown(socket.SHUT_RDWR)

    def no_sandbox() -> Sandbox:
        raise SandboxError("the engine is gone")

    with monkeypatch.context() as patched:
        patched.setattr(bench.student, "_launch", no_sandbox)
        with pytest.raises(SandboxError, match="the engine is gone"):
            graded(job_for(NN.reference), bench)
    bench.student.warm()


def test_a_sandbox_that_fails_in_a_test_is_not_the_students_failure(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    """The account of CPU time can't be read while a test waits for an answer."""
    usage, calls = bench.student.sandbox.usage, iter(range(10_000))

    def fail_later() -> object:
        if next(calls) > 10:
            raise SandboxError("the account can't be read")
        return usage()

    monkeypatch.setattr(bench.student.sandbox, "usage", fail_later)
    with pytest.raises(SandboxError, match="can't be read"):
        graded(job_for(NN.reference), bench)


def test_judging_goes_on_after_a_failure_of_ours(bench: Bench):
    assert graded(job_for(NN.reference), bench).score == pytest.approx(85)
