"""A short MNIST run on a student's own machine: does the code learn at all, and how fast is it?

The real run uses all images, its own labels and a clock that compares with the reference. This one
takes a sixth of the training images for two epochs: seconds, and enough to see a mistake.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch

from grader.datasets import Mnist
from grader.judging import short_training
from grader.judging.own_process import run_python

TRAIN_IMAGES = 10_000
MEAN, SD = 0.1307, 0.3081  # of MNIST's grey levels from 0 to 1
VALIDATION_IMAGES = 2_000
TIMEOUT_S = 180.0  # the reference takes a few seconds
USUAL = (0.82, 0.93)  # what the reference reached with 14 different beginnings
ENOUGH = 0.75  # without zero_grad it was 0.70 at most, with ten times the learning rate 0.50
TOO_SLOW = "Work on whole batches with tensor operations, without loops over images."


@dataclass(frozen=True)
class ShortEpoch:
    """One epoch: what the student's own helpers reported, and the CPU time of its training."""

    train_loss: float
    accuracy: float
    cpu_s: float


@dataclass(frozen=True)
class ShortMnist:
    """The short run: its finished epochs, and the `problem` that ended it early, if any."""

    epochs: tuple[ShortEpoch, ...] = ()
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether it got to its end and learned enough."""
        return not self.problem and bool(self.epochs) and self.epochs[-1].accuracy >= ENOUGH

    def full_run_cpu_s(self, full_epochs: int, full_images: int) -> float:
        """Return the CPU time that training takes in the full run, at this speed."""
        mean_cpu_s = sum(epoch.cpu_s for epoch in self.epochs) / len(self.epochs)
        return mean_cpu_s * full_epochs * full_images / TRAIN_IMAGES


def run_short_mnist(
    folder: Path, package: str, mnist: Mnist, scratch: Path, timeout_s: float = TIMEOUT_S
) -> ShortMnist:
    """Train the hand-in in `folder` on a part of MNIST; `scratch` is an empty folder for our own files."""
    data_path, results_path = scratch / "mnist.pt", scratch / "epochs.jsonl"
    torch.save(_part(mnist), data_path)
    script = str(Path(short_training.__file__).resolve())
    ended = run_python(
        [script, str(folder), package, str(data_path), str(results_path)], folder, scratch, timeout_s
    )
    lines = results_path.read_text(encoding="utf-8").splitlines() if results_path.is_file() else []
    found = [json.loads(line) for line in lines]
    epochs = tuple(ShortEpoch(**line) for line in found if "error" not in line)
    failures = [line for line in found if "error" in line]
    if failures:
        place = f"\n({failures[0]['place']})" if failures[0]["place"] else ""
        return ShortMnist(epochs, failures[0]["error"] + place)
    if ended.exit_code is None:
        return ShortMnist(epochs, f"Stopped after {timeout_s:.0f} s. {TOO_SLOW}")
    if ended.exit_code != 0:
        text = f"Python ended in the middle of training (exit code {ended.exit_code})."
        return ShortMnist(epochs, f"{text} The last it said:\n{ended.tail}")
    return ShortMnist(epochs)


def _part(mnist: Mnist) -> dict[str, torch.Tensor]:
    return {
        "train_images": _normalised(mnist.train_images[:TRAIN_IMAGES]),
        "train_labels": mnist.train_labels[:TRAIN_IMAGES].long(),
        "validation_images": _normalised(mnist.train_images[-VALIDATION_IMAGES:]),
        "validation_labels": mnist.train_labels[-VALIDATION_IMAGES:].long(),
    }


def _normalised(pixels: torch.Tensor) -> torch.Tensor:
    """Return uint8 images (N, 28, 28) as floats (N, 1, 28, 28) with the course's mean and deviation."""
    return ((pixels.float() / 255 - MEAN) / SD).unsqueeze(1)
