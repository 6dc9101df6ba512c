"""One side of the timed MNIST run: a package trains in its sandbox, step by step.

The clock is the sandbox's own account and never stops between the arrival of the first data and the
last prediction. What the package computes while data are delivered, or while it is the other side's
turn, is on it: a thread or a patched tensor class gains nothing by choosing its moment. What delivery
costs by itself is told by the reference's side, and deducted from both.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType, TracebackType
from typing import Self

import torch

from grader.errors import GraderError
from grader.judging.causes import outcome_of
from grader.judging.messages import cause_message, failure_message
from grader.judging.mnist_data import MEAN, SD, RunData
from grader.judging.result import Epoch, Outcome, Visibility
from grader.judging.seeding import derive_seed
from grader.judging.spare_memory import spare_memory
from grader.remote.importing.control import StudentHost
from grader.remote.importing.deadlines import SessionLimits
from grader.remote.importing.package import AllNames, RemotePackage
from grader.remote.importing.proxies import RemoteFunction
from grader.remote.importing.session import Session, SessionEnded

DATA_MODULE = "grader.remote.host.data"
BATCH_SIZE = 128
PREDICTION_BATCH_SIZE = 1_000  # all images at once would ask for memory that training never needs
LIMITS = SessionLimits(cpu_s=120.0, wall_s=900.0, output_bytes=4 * 1024**2)


class BadPrediction(Exception):
    """What the student's network returned is no table of finite logits."""


@dataclass
class Runner:
    """One side of the run: a submission (or the reference) training in its sandbox.

    Use it as a context manager around the run; `outcome` and `message` are known afterwards.
    """

    host: StudentHost
    package: RemotePackage
    recipe: ModuleType
    data: RunData
    seed: int
    cpu_s: float = 0.0
    wall_s: float = 0.0  # of its own steps
    delivery_cpu_s: float = 0.0
    epochs: list[Epoch] = field(default_factory=list)
    test_logits: torch.Tensor | None = None
    error: BaseException | None = None
    untrained: bool = True
    last_logits: torch.Tensor | None = None

    def __enter__(self) -> Self:
        """Open the session, start the clock, deliver the training data and build the network."""
        self.session: Session = self.host.open_session(LIMITS, derive_seed(self.seed, "mnist", "student"))
        self._start_cpu_s = self.host.sandbox.usage().cpu_s
        self._names = AllNames(self.package)
        self._deliver(self._deliver_training)
        self._run(self._build)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending = self.host.end_session(self.session)

    def train_epoch(self) -> None:
        """Train for one epoch and predict the validation images."""
        self._run(self._train_epoch)

    def predict_test(self) -> None:
        """Deliver the test images and predict them; then the clock stops."""
        self._deliver(self._deliver_test)
        self._run(self._predict_test)

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

    def _run(self, step: Callable[[], None]) -> None:
        """Do one step unless an earlier one failed; a student's exception is kept, ours passes."""
        if self.error is not None:
            return
        start_s = time.monotonic()
        try:
            with spare_memory():
                step()
        except GraderError:
            raise
        except (Exception, SessionEnded) as error:
            self.error = error
        self.wall_s += time.monotonic() - start_s
        self.cpu_s = self.host.sandbox.usage().cpu_s - self._start_cpu_s

    def _deliver(self, step: Callable[[], None]) -> None:
        start_s = self.cpu_s
        self._run(step)
        self.delivery_cpu_s += self.cpu_s - start_s

    def _deliver_training(self) -> None:
        data = self.data
        make_batches = RemoteFunction(self.package, DATA_MODULE, "Batches")
        pixels, labels = data.train_pixels.clone(), data.train_labels.clone()  # shared for this call only
        self._loader = make_batches(pixels, labels, BATCH_SIZE, MEAN, SD)
        self._validation_parts = self._hold(data.validation_images)

    def _build(self) -> None:
        self._model = self.recipe.build(self._names)
        self._optimizer = self.recipe.optimizer(self._names, self._model)

    def _train_epoch(self) -> None:
        loss = _as_loss(self.recipe.train_epoch(self._names, self._model, self._loader, self._optimizer))
        logits = self._predict(self._validation_parts)
        accuracy = accuracy_of(logits, self.data.validation_labels)
        if self.last_logits is not None and not torch.equal(logits, self.last_logits):
            self.untrained = False
        self.last_logits = logits
        self.epochs.append(Epoch(loss, round(accuracy, 4)))

    def _deliver_test(self) -> None:
        self._test_parts = self._hold(self.data.test_images)

    def _predict_test(self) -> None:
        self.test_logits = self._predict(self._test_parts)

    def _hold(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Send images once, ahead of the calls that use them; return them in parts, as they were sent."""
        hold = RemoteFunction(self.package, DATA_MODULE, "hold")
        parts = [part.clone() for part in torch.split(images, PREDICTION_BATCH_SIZE)]
        for part in parts:
            hold(part)
        return parts

    def _predict(self, parts: list[torch.Tensor]) -> torch.Tensor:
        return torch.cat([self._predict_part(part) for part in parts])

    def _predict_part(self, images: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            logits = self.recipe.predict(self._names, self._model, images)
        rows = len(images)
        if not (
            isinstance(logits, torch.Tensor) and logits.shape == (rows, 10) and logits.is_floating_point()
        ):
            raise BadPrediction(f"expected logits of shape ({rows}, 10), got {_described(logits)}")
        if not bool(torch.isfinite(logits).all()):
            raise BadPrediction("the logits contain NaN or infinity: training diverged")
        return logits.detach().clone()


def accuracy_of(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """Return the share of rows whose largest logit is the label."""
    return (logits.argmax(dim=1) == labels).double().mean().item()


def _as_loss(value: object) -> float | None:
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        value = value.item()
    return round(float(value), 6) if type(value) in (int, float) and math.isfinite(value) else None  # type: ignore[arg-type]


def _described(value: object) -> str:
    return (
        f"a tensor of shape {tuple(value.shape)}" if isinstance(value, torch.Tensor) else type(value).__name__
    )
