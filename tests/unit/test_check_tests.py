"""The public tests in a plain process: outcomes, messages, and processes that do not end well."""

from pathlib import Path

import pytest

from grader.judging.local_tests import run_public_tests
from grader.judging.own_process import run_python
from grader.judging.result import Outcome


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hand-in of one module."""
    folder = tmp_path / "hand-in"
    folder.mkdir()
    (folder / "mine.py").write_text("import os\n\ndef half(x):\n    return x / 2\n")
    return folder


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    """A test file, beside settings of pytest's that must not count."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (tmp_path / "elsewhere/conftest.py").write_text("raise RuntimeError")
    return tmp_path / "elsewhere" / "test_mine.py"


def test_outcomes_messages_and_places(folder: Path, tests: Path, scratch: Path):
    tests.write_text(
        "import pytest\nfrom mine import half\n"
        "def test_right(): assert half(4) == 2\n"
        "def test_wrong(): assert half(4) == 3, 'half of 4'\n"
        "@pytest.mark.parametrize('x', ['a'])\n"
        "def test_raises(x): half(x)\n"
        "def test_skipped(): pytest.skip('today')\n"
    )
    run = run_public_tests(folder, tests, scratch)
    assert run.problem == ""
    found = {test.name: test for test in run.tests}
    assert {name: test.outcome for name, test in found.items()} == {
        "test_right": Outcome.PASSED,
        "test_wrong": Outcome.FAILED,
        "test_raises[a]": Outcome.FAILED,
        "test_skipped": Outcome.SKIPPED,
    }
    assert found["test_wrong"].message.startswith("AssertionError: half of 4")
    assert found["test_wrong"].message.endswith("(test_mine.py, line 4)")
    assert found["test_raises[a]"].message.startswith("TypeError: unsupported operand")
    assert found["test_raises[a]"].message.endswith("(mine.py, line 4)")


def test_the_settings_of_a_hand_in_and_of_a_shell_do_not_count(
    folder: Path, tests: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
):
    (folder / "conftest.py").write_text("raise RuntimeError")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (folder / "json.py").write_text("raise RuntimeError('not the library')")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    tests.write_text("from mine import half\ndef test_right(): assert half(4) == 2\n")
    run = run_public_tests(folder, tests, scratch)
    assert [test.outcome for test in run.tests] == [Outcome.PASSED], run.problem
    assert not list(folder.rglob("__pycache__"))


def test_a_test_in_which_python_ends_is_named(folder: Path, tests: Path, scratch: Path):
    tests.write_text("from mine import os\ndef test_first(): pass\ndef test_second(): os._exit(7)\n")
    run = run_public_tests(folder, tests, scratch)
    assert run.tests == ()
    assert run.problem.startswith("Python ended in the middle of test_second (exit code 7).")


def test_a_time_limit_says_where_it_struck(folder: Path, tests: Path, scratch: Path):
    tests.write_text("import mine\n")
    run = run_public_tests(folder, tests, scratch, timeout_s=0.05)
    assert run.problem.startswith("Stopped after 0 s, while it imported your package.")


def test_a_process_is_stopped_though_its_children_hold_its_output(folder: Path, scratch: Path):
    code = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(20)'])\n"
        "print('here', flush=True)\n"
        "time.sleep(600)\n"
    )
    ended = run_python(["-c", code], folder, scratch, timeout_s=10)
    assert ended.exit_code is None
    assert ended.tail == "here"


def test_a_process_has_utf8_and_nothing_to_read(folder: Path, scratch: Path):
    code = "import sys; print('√', repr(sys.stdin.read()), sys.flags.utf8_mode)"
    ended = run_python(["-c", code], folder, scratch, timeout_s=60)
    assert (ended.exit_code, ended.tail) == (0, "√ '' 1")
