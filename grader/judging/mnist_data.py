"""MNIST as one run sees it: the same task, but not the same numbers.

A fully connected network does not mind in which coordinates its inputs are given. So each run takes
what matters of an image, its first `COMPONENTS` principal components made equally strong, adds a
little noise, brings it to one length and turns it by a rotation that is drawn for this run. A rotated
vector of fixed length, looked at alone, is a random point on a sphere whatever the image was: no
hash, histogram or nearest neighbour in a table made at home says anything about it, and weights
trained elsewhere fit no better. Only images taken together, with their labels, tell something, and to
learn from them is what is asked for. Labels change their names and images their places, too. Test
labels never leave this process.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy
import torch

from grader.datasets import Mnist
from grader.judging.seeding import derive_seed

DATA_VERSION = 2  # other numbers for the same seed: raised by each change here, and named in the report
PIXELS = 28 * 28
CLASSES = 10
VALIDATION_IMAGES = 5_000
COMPONENTS = 50
AXES_IMAGES = 10_000  # training images that the principal components are computed from
LEAST_SD = 1e-4  # of a component that is made as strong as the others; grey levels from 0 to 1
NOISE = 0.2  # beside components of strength 1
MEAN = 128 / 255  # of what a run gives to the network, as bytes from 0 to 1: no number is negative there …
SD = 32 / 255  # … and four standard deviations fit


@dataclass(frozen=True)
class RunData:
    """One run's data: training inputs as uint8 (N, 784), the others normalised floats (N, 784), labels (N,).

    `class_of_label` undoes the change of labels; `test_rows` says where in MNIST each test image stands.
    """

    train_pixels: torch.Tensor
    train_labels: torch.Tensor
    validation_images: torch.Tensor
    validation_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor
    test_rows: torch.Tensor
    class_of_label: torch.Tensor


def prepare(mnist: Mnist, seed: int) -> RunData:
    """Return the data of the run with this seed."""
    random = numpy.random.default_rng(derive_seed(seed, "mnist data"))
    label_of_class = torch.from_numpy(random.permutation(CLASSES))
    train_rows = torch.from_numpy(random.permutation(len(mnist.train_images)))
    test_rows = torch.from_numpy(random.permutation(len(mnist.test_images)))
    validation_rows, training_rows = train_rows[:VALIDATION_IMAGES], train_rows[VALIDATION_IMAGES:]
    mean, axes = _principal_axes(mnist.train_images[:AXES_IMAGES])
    rotation = _rotation(random)

    def disguised(images: torch.Tensor) -> torch.Tensor:
        components = (_flat(images) - mean) @ axes
        components += NOISE * torch.from_numpy(random.standard_normal(components.shape, dtype=numpy.float32))
        directions = torch.nn.functional.normalize(components) @ rotation
        return directions.mul_(PIXELS**0.5).mul_(SD).add_(MEAN).mul_(255).round_().clamp_(0, 255).byte()

    train_labels = label_of_class[mnist.train_labels.long()]
    return RunData(
        train_pixels=disguised(mnist.train_images[training_rows]),
        train_labels=train_labels[training_rows],
        validation_images=_normalise(disguised(mnist.train_images[validation_rows])),
        validation_labels=train_labels[validation_rows],
        test_images=_normalise(disguised(mnist.test_images[test_rows])),
        test_labels=label_of_class[mnist.test_labels.long()][test_rows],
        test_rows=test_rows,
        class_of_label=label_of_class.argsort(),
    )


def _flat(images: torch.Tensor) -> torch.Tensor:
    return images.reshape(-1, PIXELS).float().div_(255)


def _normalise(pixels: torch.Tensor) -> torch.Tensor:
    return pixels.float().div_(255).sub_(MEAN).div_(SD)


def _principal_axes(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the mean image (784,) and axes (784, COMPONENTS) on which the images have variance 1."""
    flat = _flat(images)
    mean = flat.mean(dim=0)
    centred = flat - mean
    variances, vectors = torch.linalg.eigh(centred.T @ centred / len(centred))
    strongest = vectors[:, -COMPONENTS:]
    strongest = strongest * strongest.sum(dim=0).sign()  # which way they point is the solver's whim
    return mean, strongest / variances[-COMPONENTS:].clamp(min=0).sqrt().clamp(min=LEAST_SD)


def _rotation(random: numpy.random.Generator) -> torch.Tensor:
    """Return orthonormal rows (COMPONENTS, 784), uniformly distributed: any direction may go anywhere."""
    normal = torch.from_numpy(random.standard_normal((PIXELS, COMPONENTS)))
    orthonormal, triangle = torch.linalg.qr(normal)
    rows: torch.Tensor = (orthonormal * triangle.diagonal().sign()).T
    return rows.float()
