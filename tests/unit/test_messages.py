"""What students read about a failure: its cause and place, the same words in every run, no hidden code."""

import signal
import unittest
from collections.abc import Callable
from pathlib import Path

import numpy
import numpy.testing
import pytest
import torch

from grader.judging.messages import (
    CAUSES,
    DISTURBED,
    MAX_HIDDEN_CHARS,
    MAX_PUBLIC_CHARS,
    UNEXPECTED,
    cause_message,
    failure_message,
    hidden_cause_for_students,
    hidden_failure_for_students,
    import_message,
)
from grader.judging.result import Outcome, Visibility
from grader.remote.importing.ending import Ending
from grader.remote.importing.errors import make_error

PUBLIC, HIDDEN = Visibility.PUBLIC, Visibility.HIDDEN
REWRITTEN = "the loss is their mean\nassert tensor(6.) == tensor(1.)\n +  where tensor(6.) = loss(secret)"


def remote(name: str, text: str, *frames: list[object]) -> Exception:
    return make_error([name, name, text, None, list(frames), None])


def ended(exit_code: int | None, cause: str = "ended", text: str = "") -> Ending:
    return Ending(cause, text, exit_code, oom_kills=0, pids_refused=0, scratch_full=False)


def test_a_public_assertion_is_shown_whole():
    assert failure_message(AssertionError(REWRITTEN), PUBLIC) == REWRITTEN


def test_of_a_hidden_assertion_only_the_sentence_is_shown():
    assert failure_message(AssertionError(REWRITTEN), HIDDEN) == "the loss is their mean"


@pytest.mark.parametrize("text", ["", "assert tensor(1.) == secret", "\nassert secret"])
def test_a_hidden_assertion_without_a_sentence_says_no_more_than_that(text: str):
    assert failure_message(AssertionError(text), HIDDEN) == UNEXPECTED


def test_the_students_error_comes_with_its_place():
    error = remote("ValueError", "no", ["g2c/nn/loss.py", 12, "forward", "raise ValueError('no')"])
    for visibility in Visibility:
        assert failure_message(error, visibility) == (
            "ValueError: no\n  g2c/nn/loss.py, line 12, in forward: raise ValueError('no')"
        )


def test_an_assertion_of_the_students_own_is_an_error_like_any_other():
    error = remote("AssertionError", "assert x > 0", ["g2c/nn/loss.py", 3, "forward", "assert x > 0"])
    assert failure_message(error, HIDDEN).startswith("AssertionError: assert x > 0\n  g2c/nn/loss.py, line 3")


def test_only_the_last_places_of_a_deep_recursion_are_shown():
    frames = [["g2c/nn/loss.py", line, "forward", "x" * 1000] for line in range(1, 20)]
    message = failure_message(remote("RecursionError", "too deep", *frames), PUBLIC)
    assert [line for line in message.splitlines() if ", line 1, " in line] == []
    assert message.count("\n") == 3 and len(message) < 1000


def test_addresses_are_left_out_because_they_differ_from_run_to_run():
    text = "<built-in method ones of type object at 0x7f01a2b3c4d5> is no <g2c.nn.Linear object at 0x7f0>"
    expected = "<built-in method ones of type object> is no <g2c.nn.Linear object>"
    assert failure_message(AssertionError(text), PUBLIC) == expected
    assert failure_message(remote("TypeError", text), HIDDEN) == f"TypeError: {expected}"
    assert import_message(remote("TypeError", text)).endswith(expected)


@pytest.mark.parametrize(("visibility", "limit"), [(PUBLIC, MAX_PUBLIC_CHARS), (HIDDEN, MAX_HIDDEN_CHARS)])
def test_long_texts_are_cut(visibility: Visibility, limit: int):
    for error in (AssertionError("x" * 10_000), remote("ValueError", "x" * 10_000)):
        message = failure_message(error, visibility)
        assert len(message) == limit and message.endswith("…")


def test_an_error_without_a_text_is_its_name():
    assert failure_message(remote("NotImplementedError", ""), PUBLIC) == "NotImplementedError"


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL, signal.SIGFPE])
def test_a_crash_names_its_signal(number: signal.Signals):
    assert f"ended by {number.name}." in cause_message(Outcome.CRASHED, ended(-number))


def test_an_exit_is_told_from_a_crash():
    assert "exit()" in cause_message(Outcome.CRASHED, ended(0))
    assert "disturbed the connection" in cause_message(Outcome.CRASHED, ended(None, "protocol", "bad frame"))


@pytest.mark.parametrize("outcome", CAUSES)
def test_every_limit_has_a_sentence(outcome: Outcome):
    message = cause_message(outcome, ended(None, "timeout", "still running after 10 s"))
    assert message.endswith(".") and "{" not in message
    assert ("still running after 10 s" in message) == ("{text}" in CAUSES[outcome])


def test_a_package_that_cannot_be_imported_says_so_and_where():
    error = remote("SyntaxError", "invalid syntax", ["g2c/nn/train.py", 4, "<module>", "def broken(:"])
    assert import_message(error) == (
        "Your package can't be imported: SyntaxError: invalid syntax\n"
        "  g2c/nn/train.py, line 4, in <module>: def broken(:"
    )


FILES = {"g2c/nn/loss.py": b"import math\n\ndef forward(x):\n    raise ValueError(x.tolist())\n"}
TESTS = Path(__file__).parent


def raised(do: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:
        do()
    return caught.value


def fail_as_the_author_does() -> None:
    raise AssertionError("the loss is their mean\nassert tensor(6.) == tensor(1.)")


def test_students_read_the_type_and_their_own_lines_of_an_error_in_a_hidden_test():
    frames = [["g2c/nn/loss.py", 4, "forward", "raise ValueError(x.tolist())"]]
    error = remote("ValueError", "[0.25, 0.75]", *frames)
    assert hidden_failure_for_students(error, TESTS, FILES) == (
        "Your code raised ValueError.\n  g2c/nn/loss.py, line 4: raise ValueError(x.tolist())"
    )


def test_nothing_that_the_sandbox_says_of_an_error_passes():
    """The error's text and its own name, and files, lines, functions and sources that aren't there."""
    frames = [
        ["secret", 4, "secret", "secret"],
        ["g2c/nn/loss.py", 5, "secret", "secret"],
        ["g2c/nn/loss.py", -1, "secret", "secret"],
        ["g2c/nn/loss.py", 1, "secret", "secret"],
    ]
    for name in ("ValueError", "OSError", "secret", "StopIteration"):
        error = make_error([name, "secret", "secret", None, frames, None])
        message = hidden_failure_for_students(error, TESTS, FILES)
        assert "secret" not in message
        assert message.endswith("\n  g2c/nn/loss.py, line 1: import math")


def test_students_read_the_authors_sentence():
    error = raised(fail_as_the_author_does)
    assert hidden_failure_for_students(error, TESTS, FILES) == "the loss is their mean"


@pytest.mark.parametrize(
    "compare",
    [
        lambda: numpy.testing.assert_array_equal([1, 2], [1, 536871040]),
        lambda: torch.testing.assert_close(torch.tensor(1.0), torch.tensor(536871040.0)),
        lambda: unittest.TestCase().assertEqual(1, 536871040),
        lambda: {}["536871040"],
        lambda: int("536871040 "[-1:]),
        lambda: pytest.fail("536871040"),
    ],
    ids=["numpy", "torch", "unittest", "a key", "a value", "pytest.fail"],
)
def test_what_a_library_shows_of_what_it_compared_is_for_staff(compare: Callable[[], object]):
    try:
        compare()
    except BaseException as error:  # pytest.fail raises no Exception
        assert hidden_failure_for_students(error, TESTS, FILES) == UNEXPECTED


def test_what_the_sandbox_wrote_on_a_broken_connection_is_for_staff():
    broken = ended(None, "protocol", "malformed frame: secret")
    assert hidden_cause_for_students(Outcome.CRASHED, broken) == DISTURBED
    other = ended(-signal.SIGSEGV)
    assert hidden_cause_for_students(Outcome.CRASHED, other) == cause_message(Outcome.CRASHED, other)
