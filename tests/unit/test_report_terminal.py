"""The terminal report and its progress, on a terminal, in a pipe and on an old console."""

import io
import re
import unicodedata

import pytest
from rich.cells import cell_len
from rich.console import Console

from grader.judging.events import EpochFinished, PhaseFinished, PhaseStarted, TestFinished
from grader.judging.result import Epoch, Outcome
from grader.report.terminal import TerminalReport
from tests.cast import CAST, half_done, hostile
from tests.factories import TESTS, make_mnist, make_result, make_test

RUN = [
    PhaseStarted("public", "Public tests"),
    TestFinished(make_test(), 1, 2),
    TestFinished(make_test(id="tests/test_nn.py::test_relu", outcome=Outcome.FAILED), 2, 2),
    PhaseFinished("public", 1.84),
    PhaseStarted("mnist", "MNIST"),
    EpochFinished(1, 5, Epoch(0.4127, 0.9143), Epoch(0.3981, 0.9188)),
    EpochFinished(2, 5, Epoch(float("nan"), 0.9512), None),
    PhaseFinished("mnist", 21.4),
]


def _console(encoding="utf-8", terminal=False):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=stream, width=80, force_terminal=terminal, _environ={"TERM": "xterm"})
    return console, lambda: (stream.flush(), stream.buffer.getvalue().decode(encoding))[1]


def _printed(result, encoding="utf-8"):
    console, output = _console(encoding)
    TerminalReport(console).print_report(result)
    return output()


def test_in_a_pipe_progress_is_plain_lines():
    console, output = _console()
    with TerminalReport(console) as report:
        for event in RUN:
            report.on_event(event)
    assert output().splitlines() == [
        "Public tests: 1 of 2 passed, 1.8 s",
        "  epoch 1 of 5: loss 0.413, accuracy 91.4 % (reference 91.8 %)",
        "  epoch 2 of 5: loss –, accuracy 95.1 %",
        "MNIST: 21.4 s",
    ]


def test_on_a_terminal_progress_is_live_and_cleared():
    console, output = _console(terminal=True)
    with TerminalReport(console) as report:
        for event in RUN[:3]:
            report.on_event(event)
    shown = output()
    assert "Public tests" in shown
    assert "\x1b[?25l" in shown
    assert shown.rstrip().endswith(("\x1b[?25h", "\x1b[2K", "\x1b[1A\x1b[2K"))


def test_the_live_line_ends_when_the_run_breaks_off():
    console, output = _console(terminal=True)
    with pytest.raises(KeyboardInterrupt), TerminalReport(console) as report:
        report.on_event(RUN[0])
        raise KeyboardInterrupt
    assert "\x1b[?25h" in output()


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in CAST.items()])
def test_every_report_fits_eighty_columns_without_control_codes(make):
    printed = _printed(make())
    assert not [char for char in printed if unicodedata.category(char) in {"Cc", "Cf"} and char not in "\n\t"]
    assert max(cell_len(line) for line in printed.splitlines()) <= 80


def test_score_points_failures_and_hints_are_there():
    printed = _printed(half_done())
    assert "nn: 34 of 100 points" in printed
    assert re.search(r"Cross entropy +█{10}░{10} +8 of 16  2 of 4 tests", printed)
    assert "1. Naive cross-entropy" in printed
    assert "✗ test_step  failed · public" in printed
    assert "Hint: see 2 above" in printed
    assert "g2c/nn/loss.py:24" in printed


def test_mnist_shows_curve_and_ratio():
    printed = _printed(CAST["reference"]())
    assert "accuracy  97.1 %, needed 95.0 %" in printed
    assert re.search(r"by epoch  [▁-█]{5}  91\.4 %", printed)
    assert "10.8 s, reference 9.7 s: 1.12 ×, at most 3.00 ×" in printed


def test_an_unfinished_run_has_no_accuracy_and_no_ratio():
    printed = _printed(CAST["crashing"]())
    assert "ran out of time: the run was not finished" in printed
    assert "needed 95.0 %" not in printed
    assert " ×" not in printed


def test_a_reason_that_many_tests_share_is_told_once():
    message = "Your package can't be imported: ModuleNotFoundError: No module named 'pandas'"
    broken = (Outcome.FAILED, message, None)
    names = [name for _, _, _, names in TESTS for name in names]
    unfinished = make_mnist(outcome=Outcome.FAILED, ratio=0.0, epochs=(), message=message)
    printed = _printed(make_result(dict.fromkeys(names, broken), mnist=unfinished))
    assert printed.count("can't be imported") == 1
    assert printed.count("✗ test_") == 20


def test_tests_that_say_the_same_stand_together_above_it():
    printed = _printed(half_done())
    expected = (
        "  ✗ test_step  failed · public",
        "  ✗ test_step_is_not_tracked  failed · hidden",
        "    RuntimeError: a leaf Variable that requires grad is being used in an",
        "    in-place operation.",
        "      raised in optim.py, line 31, in step",
        "    Hint: see 2 above",
    )
    assert "\n".join(expected) in printed


def test_rejections_and_our_problems_say_what_to_do():
    assert "This file is missing. Add it" in _printed(CAST["rejected"]())
    assert "not your fault" in _printed(CAST["grader_problem"]())


def test_markup_in_messages_is_text():
    assert "[bold red]markup[/]" in _printed(hostile())


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in CAST.items()])
def test_old_consoles_get_what_they_can_encode(make, encoding):
    assert " points" in _printed(make(), encoding) or "not graded" in _printed(make(), encoding)
