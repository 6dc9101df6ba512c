"""The timed MNIST run: the student's code and the reference, epoch by epoch on one core.

Theory of operation. Both train on the same data in sandboxes of their own, in turns: one epoch
of the student's, one of the reference's. Only one of them computes at any time and both are
pinned to one core, so whatever slows the machine slows both, and the quotient of their CPU
times stays put. CPU time is the sandbox's own cgroup account, read from outside: threads,
children and clever clocks are all in it. It starts when the data lie in the sandbox and ends at
the last prediction. Labels of validation and test images stay here; test images are delivered
when training is over.
"""

from __future__ import annotations

import base64
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import torch

from grader.datasets import Mnist
from grader.errors import UnitError
from grader.judging.causes import outcome_of
from grader.judging.evidence import exception_code
from grader.judging.messages import cause_message, failure_message
from grader.judging.mnist_data import MEAN, SD, RunData
from grader.judging.result import Epoch, Hint, MnistResult, Outcome, Visibility
from grader.judging.seeding import derive_seed
from grader.remote.importing.control import StudentHost
from grader.remote.importing.package import AllNames, RemotePackage
from grader.remote.importing.proxies import RemoteFunction
from grader.remote.importing.session import Session, SessionEnded, SessionLimits
from grader.units import MnistRules, Unit

DATA_MODULE = "grader.remote.host.data"
BATCH_SIZE = 128
BOUNDARY_SHARE = 0.15
MAX_REPEATS = 3
DIGITS_SHOWN = 40
LIMITS = SessionLimits(cpu_s=120.0, wall_s=900.0, output_bytes=4 * 1024**2)

OnEpoch = Callable[[int, int, Epoch, Epoch | None], None]


class BadPrediction(Exception):
    """What the student's network returned is no table of finite logits."""


@dataclass
class Runner:
    """One side of the run: a submission (or the reference) training in its sandbox."""

    host: StudentHost
    package: RemotePackage
    recipe: ModuleType
    data: RunData
    seed: int
    cpu_s: float = 0.0
    epochs: list[Epoch] = field(default_factory=list)
    test_logits: torch.Tensor | None = None
    error: BaseException | None = None
    untrained: bool = True

    def begin(self) -> None:
        """Open the session and deliver the training data; the clock stands still."""
        self.session: Session = self.host.open_session(LIMITS, derive_seed(self.seed, "mnist", "student"))
        self._names = AllNames(self.package)
        self._run(self._deliver)
        self._run(self._build, timed=True)

    def train_epoch(self) -> None:
        """Train for one epoch and predict the validation images, on the clock."""
        self._run(self._train_epoch, timed=True)

    def predict_test(self) -> None:
        """Deliver the test images and predict them; only the prediction is on the clock."""
        self._run(self._deliver_test)
        self._run(self._predict_test, timed=True)

    def finish(self) -> None:
        """End the session; `outcome` and `message` are known afterwards."""
        self._ending = self.host.end_session(self.session)

    @property
    def outcome(self) -> Outcome:
        """How the run ended."""
        return outcome_of(self.error, self._ending)

    @property
    def message(self) -> str:
        """What went wrong, for the student."""
        if self.outcome == Outcome.FAILED and self.error is not None:
            return failure_message(self.error, Visibility.PUBLIC)
        return cause_message(self.outcome, self._ending)

    def _run(self, step: Callable[[], None], *, timed: bool = False) -> None:
        """Do one step unless an earlier one failed; a student's exception is kept, ours passes."""
        if self.error is not None:
            return
        start_s = self.host.sandbox.usage().cpu_s
        try:
            step()
        except (Exception, SessionEnded) as error:
            self.error = error
        if timed:
            self.cpu_s += self.host.sandbox.usage().cpu_s - start_s

    def _deliver(self) -> None:
        data = self.data
        make_batches = RemoteFunction(self.package, DATA_MODULE, "Batches")
        pixels, labels = data.train_pixels.clone(), data.train_labels.clone()  # shared for this call only
        self._loader = make_batches(pixels, labels, BATCH_SIZE, MEAN, SD)
        self._hold(data.validation_images)

    def _build(self) -> None:
        self._model = self.recipe.build(self._names)
        self._optimizer = self.recipe.optimizer(self._names, self._model)

    def _train_epoch(self) -> None:
        loss = _as_loss(self.recipe.train_epoch(self._names, self._model, self._loader, self._optimizer))
        logits = self._predict(self.data.validation_images)
        accuracy = _accuracy(logits, self.data.validation_labels)
        self.untrained = self.untrained and (not self.epochs or torch.equal(logits, self._last_logits))
        self._last_logits = logits
        self.epochs.append(Epoch(loss, round(accuracy, 4)))

    def _deliver_test(self) -> None:
        self._hold(self.data.test_images)

    def _predict_test(self) -> None:
        self.test_logits = self._predict(self.data.test_images)

    def _hold(self, images: torch.Tensor) -> None:
        """Send the images ahead of the call that uses them, so that the sending is not on the clock."""
        RemoteFunction(self.package, DATA_MODULE, "hold")(images)

    def _predict(self, images: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            logits = self.recipe.predict(self._names, self._model, images)
        rows = len(images)
        if not (isinstance(logits, torch.Tensor) and logits.shape == (rows, 10) and logits.is_floating_point()):
            raise BadPrediction(f"expected logits of shape ({rows}, 10), got {_described(logits)}")
        if not bool(torch.isfinite(logits).all()):
            raise BadPrediction("the logits contain NaN or infinity: training diverged")
        return logits.detach().clone()


def run_mnist(
    unit: Unit,
    rules: MnistRules,
    mnist: Mnist,
    data: RunData,
    make_runners: Callable[[RunData], tuple[Runner, Runner]],
    on_epoch: OnEpoch,
) -> tuple[MnistResult, dict[str, Any]]:
    """Run student and reference; return the result and the digits' picture.

    A time near the limit is measured again, and the median of the ratios counts. A failure of
    the reference is ours and is raised.
    """
    result, student = _run_once(unit, rules, data, make_runners, on_epoch)
    ratios = [result.ratio]
    while result.outcome == Outcome.PASSED and _is_near(ratios, rules.max_ratio) and len(ratios) < MAX_REPEATS:
        again, _ = _run_once(unit, rules, data, make_runners, lambda *_: None)
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
    student.begin()
    reference.begin()
    for number in range(1, rules.epochs + 1):
        student.train_epoch()
        if student.error is not None:
            break  # nothing left to compare the reference with
        reference.train_epoch()
        on_epoch(number, rules.epochs, student.epochs[-1], reference.epochs[-1] if reference.epochs else None)
    else:
        student.predict_test()
        reference.predict_test()
    student.finish()
    reference.finish()
    if reference.error is not None:
        raise UnitError(f"the reference of unit {unit.name} failed on MNIST: {reference.error!r}")
    complete = student.test_logits is not None and reference.test_logits is not None
    result = MnistResult(
        outcome=student.outcome,
        accuracy=_test_accuracy(student),
        threshold=rules.threshold,
        epochs=tuple(student.epochs),
        reference_epochs=tuple(reference.epochs),
        reference_accuracy=_test_accuracy(reference),
        cpu_s=round(student.cpu_s, 3),
        reference_cpu_s=round(reference.cpu_s, 3),
        ratio=round(student.cpu_s / reference.cpu_s, 3) if complete else 0.0,
        max_ratio=rules.max_ratio,
        wall_s=round(time.monotonic() - start_s, 3),
    )
    if student.outcome != Outcome.PASSED:
        code = "too-slow" if student.outcome == Outcome.TIMEOUT else _code_of(student)
        return replace(result, message=student.message, hint=None if code is None else unit.hint(code)), student
    if result.accuracy < rules.threshold:
        code = "model-not-trained" if student.untrained else None
        text = f"Your network reached {result.accuracy:.1%} on the test images; {rules.threshold:.0%} are asked for."
        hint = None if code is None else unit.hint(code)
        return replace(result, outcome=Outcome.FAILED, message=text, hint=hint), student
    return result, student


def not_run(rules: MnistRules, message: str, hint: Hint | None) -> MnistResult:
    """Return the result of a submission that can't even be imported."""
    return MnistResult(
        outcome=Outcome.FAILED,
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
        hint=hint,
    )


def _test_accuracy(runner: Runner) -> float:
    if runner.test_logits is None:
        return 0.0
    return round(_accuracy(runner.test_logits, runner.data.test_labels), 4)


def _judge_time(unit: Unit, rules: MnistRules, result: MnistResult) -> MnistResult:
    if result.outcome != Outcome.PASSED or result.ratio <= rules.max_ratio:
        return result
    text = (
        f"Your code took {result.ratio:.1f} times the computing time of the reference; "
        f"{rules.max_ratio:g} times is allowed."
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


def _as_loss(value: object) -> float | None:
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        value = value.item()
    return round(float(value), 6) if type(value) in (int, float) and math.isfinite(value) else None  # type: ignore[arg-type]


def _accuracy(logits: torch.Tensor, labels: torch.Tensor) -> float:
    return (logits.argmax(dim=1) == labels).double().mean().item()


def _described(value: object) -> str:
    return f"a tensor of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else type(value).__name__


def _digits(mnist: Mnist, data: RunData, student: Runner) -> dict[str, Any]:
    """Return the first test images as they really look, with predictions in the original classes."""
    if student.test_logits is None:
        return {}
    predicted = data.class_of_label[student.test_logits[:DIGITS_SHOWN].argmax(dim=1)]
    pixels = mnist.test_images[:DIGITS_SHOWN].reshape(DIGITS_SHOWN, -1)
    digits = {
        "pixels": [base64.b64encode(image.numpy().tobytes()).decode() for image in pixels],
        "predicted": predicted.tolist(),
        "actual": mnist.test_labels[:DIGITS_SHOWN].tolist(),
    }
    return {"digits": digits}
