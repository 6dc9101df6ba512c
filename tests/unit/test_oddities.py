"""Odd runs are flagged, and beginners' days are not."""

from __future__ import annotations

import pytest

from grader.judging.oddities import oddities
from grader.judging.result import Epoch, MnistResult, Outcome, ReviewFlag
from tests import cast
from tests.factories import make_mnist, make_test


def codes(flags: tuple[ReviewFlag, ...]) -> list[str]:
    return [flag.code for flag in flags]


def epochs(*accuracies: float) -> tuple[Epoch, ...]:
    return tuple(Epoch(0.3, accuracy) for accuracy in accuracies)


LEARNING = epochs(0.916, 0.941, 0.955, 0.963, 0.969)


def run(**changes: object) -> MnistResult:
    return make_mnist(**{"epochs": LEARNING, "reference_epochs": LEARNING, **changes})


@pytest.mark.parametrize("name", sorted(cast.CAST.keys() - {"crashing"}))
def test_an_ordinary_evenings_work_is_not_odd(name: str):
    result = cast.CAST[name]()
    assert oddities(result.tests, result.mnist) == ()


@pytest.mark.parametrize(
    "mnist",
    [
        run(ratio=0.45, cpu_s=4.4),  # derivatives by hand
        run(ratio=2.9, cpu_s=28.0, wall_s=160.0),  # a crowded machine
        run(wall_s=890.0, idle_ratio=2.1),  # a very crowded one
        run(wall_s=31.0, idle_ratio=12.0),
        run(epochs=epochs(0.935, 0.957, 0.966, 0.971, 0.974), accuracy=0.977),  # a better start
        run(epochs=epochs(0.19, 0.62, 0.81, 0.88, 0.9), accuracy=0.91),  # a bad start
        run(epochs=epochs(0.1, 0.1, 0.1, 0.1, 0.1), accuracy=0.1, outcome=Outcome.FAILED),
        run(epochs=epochs(0.886, 0.887, 0.888, 0.888, 0.888), accuracy=0.888),  # without a nonlinearity
        run(epochs=LEARNING[:2], ratio=0.0, accuracy=0.0, outcome=Outcome.TIMEOUT),
        run(epochs=LEARNING[:1], reference_epochs=LEARNING[:1], accuracy=0.92),
    ],
)
def test_different_and_wrong_ways_to_train_are_not_odd(mnist: MnistResult):
    assert oddities([], mnist) == ()


@pytest.mark.parametrize(
    ("mnist", "code", "words"),
    [
        (run(ratio=0.08, cpu_s=0.8), "odd-timing", "0.08 ×"),
        (run(wall_s=900.0, idle_ratio=44.0), "odd-timing", "something waited"),
        (run(epochs=epochs(0.97, 0.971, 0.972, 0.972, 0.972)), "odd-accuracy", "After the first pass"),
        (run(epochs=epochs(0.962, 0.962, 0.963, 0.962, 0.962)), "odd-accuracy", "learns no more"),
        (run(epochs=epochs(0.1, 0.1, 0.968, 0.969, 0.97)), "odd-accuracy", "In pass 3"),
        (run(epochs=epochs(0.8, 0.82, 0.85, 0.86, 0.87), accuracy=0.96), "odd-accuracy", "validation"),
        (run(accuracy=0.995), "odd-accuracy", "more than such a network can"),
    ],
)
def test_what_only_happens_without_training_here_is_odd(mnist: MnistResult, code: str, words: str):
    (flag,) = oddities([], mnist)
    assert flag.code == code
    assert words in flag.text


@pytest.mark.parametrize(
    ("outcome", "message", "code"),
    [
        (Outcome.PIDS_LIMIT, "Your code started more processes or threads than allowed.", "sandbox-limit"),
        (Outcome.DISK_LIMIT, "Your code filled the disk space that a test may use.", "sandbox-limit"),
        (Outcome.FAILED, "PermissionError: [Errno 1] Operation not permitted", "sandbox-denial"),
        (Outcome.CRASHED, "Your code crashed: the process was ended by SIGSYS.", "sandbox-denial"),
        (
            Outcome.FAILED,
            "URLError: <urlopen error [Errno -3] Temporary failure in name resolution>",
            "network-attempt",
        ),
        (
            Outcome.CRASHED,
            "Your code disturbed the connection to the tests: a frame of 4 GiB.",
            "disturbed-tests",
        ),
        (Outcome.CRASHED, "Your code crashed: the process was ended by SIGSEGV.", None),
        (Outcome.OUTPUT_LIMIT, "Stopped: your code printed more than 1 MiB.", None),
        (Outcome.OUT_OF_MEMORY, "Your code needed more memory than there is.", None),
        (Outcome.TIMEOUT, "Stopped: 10 s of computing.", None),
        (Outcome.FAILED, "FileNotFoundError: [Errno 2] No such file or directory: 'data/mnist'", None),
        (Outcome.FAILED, "PermissionError: [Errno 13] Permission denied: 'plot.png'", None),
        (Outcome.FAILED, "OSError: [Errno 30] Read-only file system: 'plot.png'", None),
        (Outcome.FAILED, "AssertionError: [Errno 10] is another number", None),
    ],
)
def test_what_the_sandbox_refused_is_told_and_beginners_days_are_not(
    outcome: Outcome, message: str, code: str | None
):
    flags = oddities([make_test(outcome=outcome, message=message)] * 3, None)
    assert codes(flags) == ([] if code is None else [code])
    if code is not None:
        assert "test_linear_forward and 2 other tests" in flags[0].text
        assert message in flags[0].text
