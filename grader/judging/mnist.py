"""The timed MNIST run: the student's code and the reference, epoch by epoch on one core.

Theory of operation. Both train on the same data in sandboxes of their own, in turns: one epoch
of the student's, one of the reference's. Only one of them computes at any time and both are
pinned to one core, so whatever slows the machine slows both, and the quotient of their CPU
times stays put. CPU time is the sandbox's own cgroup account, read from outside: threads,
children and clever clocks are all in it. It runs without a break from the opening of the session,
before any data arrive, to the last prediction; what the delivery of the data costs the reference is
deducted from both. Labels of validation and test images stay here; test images are delivered when
training is over.
"""

from __future__ import annotations

import base64
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from grader.datasets import Mnist
from grader.errors import UnitError
from grader.judging.evidence import exception_code
from grader.judging.mnist_data import RunData
from grader.judging.mnist_runner import BadPrediction, Runner, accuracy_of
from grader.judging.result import Epoch, MnistResult, Outcome
from grader.judging.scoring import UNTRAINED
from grader.report import numbers
from grader.units import MnistRules, Unit

BOUNDARY_SHARE = 0.15
MAX_RUNS = 3
DIGITS_SHOWN = 40
LEAST_CPU_S = 0.01  # a tick of the coarsest account

OnEpoch = Callable[[int, int, Epoch, Epoch | None], None]


def run_mnist(
    unit: Unit,
    rules: MnistRules,
    mnist: Mnist,
    data: RunData,
    make_runners: Callable[[RunData], tuple[Runner, Runner]],
    on_epoch: OnEpoch,
) -> tuple[MnistResult, dict[str, Any]]:
    """Run student and reference; return the result and the digits' picture.

    A time near the limit is measured again, with the package imported anew, and the median of the ratios
    counts; a repeat that fails says nothing about the time. A failure of the reference is ours and is raised.
    """
    result, student = _run_once(unit, rules, data, make_runners, on_epoch)
    ratios = [result.ratio]
    for _ in range(MAX_RUNS - 1):
        if result.outcome != Outcome.PASSED or not _is_near(ratios, rules.max_ratio):
            break
        student.host.load_again()  # else weights of the last run could lie in memory that all runs share
        again, _ = _run_once(unit, rules, data, make_runners, lambda *_: None)
        if again.outcome == Outcome.PASSED:
            ratios.append(again.ratio)
    ratio = statistics.median(ratios)
    return _judge_time(unit, rules, replace(result, ratio=round(ratio, 3))), _digits(mnist, data, student)


def _run_once(
    unit: Unit,
    rules: MnistRules,
    data: RunData,
    make_runners: Callable[[RunData], tuple[Runner, Runner]],
    on_epoch: OnEpoch,
) -> tuple[MnistResult, Runner]:
    start_s = time.monotonic()
    student, reference = make_runners(data)
    with student, reference:
        for number in range(1, rules.epochs + 1):
            student.train_epoch()
            if student.error is not None:
                break  # nothing left to compare the reference with
            reference.train_epoch()
            on_epoch(
                number, rules.epochs, student.epochs[-1], reference.epochs[-1] if reference.epochs else None
            )
        else:
            student.predict_test()
            reference.predict_test()
    if reference.error is not None:
        raise UnitError(f"the reference of unit {unit.name} failed on MNIST: {reference.error!r}")
    student_cpu_s = max(0.0, student.cpu_s - reference.delivery_cpu_s)
    reference_cpu_s = reference.cpu_s - reference.delivery_cpu_s
    complete = student.test_logits is not None and reference.test_logits is not None
    result = MnistResult(
        outcome=student.outcome,
        accuracy=_test_accuracy(student),
        threshold=rules.threshold,
        epochs=tuple(student.epochs),
        reference_epochs=tuple(reference.epochs),
        reference_accuracy=_test_accuracy(reference),
        cpu_s=round(student_cpu_s, 3),
        reference_cpu_s=round(reference_cpu_s, 3),
        ratio=round(student_cpu_s / reference_cpu_s, 3) if complete else 0.0,
        max_ratio=rules.max_ratio,
        wall_s=round(time.monotonic() - start_s, 3),
        idle_ratio=round(_clock_ratio(student) / _clock_ratio(reference), 3) if complete else 1.0,
    )
    if student.outcome != Outcome.PASSED:
        code = "too-slow" if student.outcome == Outcome.TIMEOUT else _code_of(student)
        return replace(
            result, message=student.message, hint=None if code is None else unit.hint(code)
        ), student
    if result.accuracy < rules.threshold:
        code = UNTRAINED if student.untrained else None
        text = (
            f"Your network reached {numbers.percent(result.accuracy)} on the test images; "
            f"{numbers.percent(rules.threshold)} is asked for."
        )
        hint = None if code is None else unit.hint(code)
        return replace(result, outcome=Outcome.FAILED, message=text, hint=hint), student
    return result, student


def not_run(rules: MnistRules, outcome: Outcome, message: str) -> MnistResult:
    """Return the result of a submission that can't even be imported."""
    return MnistResult(
        outcome=outcome,
        accuracy=0.0,
        threshold=rules.threshold,
        epochs=(),
        reference_epochs=(),
        reference_accuracy=0.0,
        cpu_s=0.0,
        reference_cpu_s=0.0,
        ratio=0.0,
        max_ratio=rules.max_ratio,
        wall_s=0.0,
        message=message,
    )


def _clock_ratio(runner: Runner) -> float:
    """Return the time that its steps took on the clock over the CPU time in them."""
    return runner.wall_s / max(runner.cpu_s, LEAST_CPU_S)


def _test_accuracy(runner: Runner) -> float:
    if runner.test_logits is None:
        return 0.0
    return round(accuracy_of(runner.test_logits, runner.data.test_labels), 4)


def _judge_time(unit: Unit, rules: MnistRules, result: MnistResult) -> MnistResult:
    if result.outcome != Outcome.PASSED or result.ratio <= rules.max_ratio:
        return result
    text = (
        f"Your code took {numbers.ratio(result.ratio)} the computing time of the reference; "
        f"at most {numbers.ratio(rules.max_ratio)} is allowed."
    )
    return replace(result, outcome=Outcome.FAILED, message=text, hint=unit.hint("too-slow"))


def _is_near(ratios: list[float], limit: float) -> bool:
    return abs(statistics.median(ratios) - limit) <= limit * BOUNDARY_SHARE


def _code_of(student: Runner) -> str | None:
    error = student.error
    losses = [epoch.train_loss for epoch in student.epochs]
    if isinstance(error, BadPrediction) and "diverged" in str(error) and None not in losses:
        return "diverged"
    code = exception_code(error) if error is not None else None
    return code if code == "not-implemented" else None


def _digits(mnist: Mnist, data: RunData, student: Runner) -> dict[str, Any]:
    """Return the run's first test images as they really look, with predictions in the original classes."""
    if student.test_logits is None:
        return {}
    rows = data.test_rows[:DIGITS_SHOWN]
    predicted = data.class_of_label[student.test_logits[:DIGITS_SHOWN].argmax(dim=1)]
    digits = {
        "pixels": [base64.b64encode(image.numpy().tobytes()).decode() for image in mnist.test_images[rows]],
        "predicted": predicted.tolist(),
        "actual": mnist.test_labels[rows].tolist(),
    }
    return {"digits": digits}
