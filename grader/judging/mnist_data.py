"""MNIST as one run sees it: the same task, but not the same bytes.

A fully connected network does not mind which pixel is where or which class has which number.
So every run permutes pixels and labels and disturbs each image a little: shipped weights and
tables from image to label are worth nothing. Test labels never leave this process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy
import torch

from grader.datasets import Mnist
from grader.judging.seeding import derive_seed

MEAN = 0.1307
SD = 0.3081
CLASSES = 10
VALIDATION_IMAGES = 5_000
MIN_CONTRAST = 103  # of 128
NOISE = 8  # grey levels, either way
DROPPED_SHARE = 0.05
DROP = -512
SLICE = 500


@dataclass(frozen=True)
class RunData:
    """One run's data: training pixels as uint8 (N, 784), the other images normalised floats (N, 784),
    labels (N,); `class_of_label` undoes the label permutation."""

    train_pixels: torch.Tensor
    train_labels: torch.Tensor
    validation_images: torch.Tensor
    validation_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor
    class_of_label: torch.Tensor


def prepare(mnist: Mnist, seed: int) -> RunData:
    """Return the data of the run with this seed."""
    random = numpy.random.default_rng(derive_seed(seed, "mnist data"))
    pixel_order = random.permutation(28 * 28)
    label_of_class = torch.from_numpy(random.permutation(CLASSES))
    rows = torch.from_numpy(random.permutation(len(mnist.train_images)))
    train = _disturb(mnist.train_images, pixel_order, random)
    test = _disturb(mnist.test_images, pixel_order, random)
    train_labels = label_of_class[mnist.train_labels.long()]
    validation, training = rows[:VALIDATION_IMAGES], rows[VALIDATION_IMAGES:]
    return RunData(
        train_pixels=train[training],
        train_labels=train_labels[training],
        validation_images=_normalise(train[validation]),
        validation_labels=train_labels[validation],
        test_images=_normalise(test),
        test_labels=label_of_class[mnist.test_labels.long()],
        class_of_label=label_of_class.argsort(),
    )


def _normalise(pixels: torch.Tensor) -> torch.Tensor:
    return pixels.float().div_(255).sub_(MEAN).div_(SD)


def _disturb(
    images: torch.Tensor, pixel_order: numpy.ndarray[Any, Any], random: numpy.random.Generator
) -> torch.Tensor:
    """Return uint8 (N, 784): pixels permuted, a little less contrast, a little noise, a few dropped.

    One random byte decides a pixel's fate: the table maps it to the noise to add, where `DROP`
    is so negative that nothing is left. Done in slices that stay in the processor's cache.
    """
    byte = numpy.arange(256)
    change = numpy.where(byte < 256 * DROPPED_SHARE, DROP, byte % (2 * NOISE + 1) - NOISE).astype(numpy.int16)
    pixels = images.reshape(-1, 784).numpy()
    disturbed = numpy.empty_like(pixels)
    for start in range(0, len(pixels), SLICE):
        part = pixels[start : start + SLICE][:, pixel_order].astype(numpy.int16)
        contrast = random.integers(MIN_CONTRAST, 129, size=(len(part), 1), dtype=numpy.int16)
        part *= contrast
        part >>= 7
        part += change[numpy.frombuffer(random.bytes(part.size), dtype=numpy.uint8).reshape(part.shape)]
        disturbed[start : start + SLICE] = part.clip(0, 255, out=part)
    return torch.from_numpy(disturbed)
