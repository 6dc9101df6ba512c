"""MNIST of one run: the same task as ever, but nothing that was prepared at home fits it.

The same attacks, written as hand-ins and run on all the data, are in tests/attacks/B.
"""

import dataclasses
from collections.abc import Callable

import pytest
import torch

from grader.datasets import Mnist, load_mnist
from grader.judging.mnist_data import CLASSES, MEAN, PIXELS, SD, VALIDATION_IMAGES, RunData, prepare

TRAIN_IMAGES, TEST_IMAGES = 6_000, 2_500
ASKED = 300  # test images that a table is asked for
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def mnist() -> Mnist:
    """A small part of the real data set."""
    whole = load_mnist()
    return Mnist(
        whole.train_images[:TRAIN_IMAGES],
        whole.train_labels[:TRAIN_IMAGES],
        whole.test_images[:TEST_IMAGES],
        whole.test_labels[:TEST_IMAGES],
    )


@pytest.fixture(scope="module")
def runs(mnist: Mnist) -> list[RunData]:
    return [prepare(mnist, seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def data(runs: list[RunData]) -> RunData:
    return runs[0]


Feature = Callable[[torch.Tensor], torch.Tensor]


def as_bytes(images: torch.Tensor) -> torch.Tensor:
    """Undo the normalisation: what was drawn for the run, 0 to 255, as floats (N, 784)."""
    return ((images * SD + MEAN) * 255).round()


def flat(images: torch.Tensor) -> torch.Tensor:
    return images.reshape(len(images), -1).float()


def test_every_image_is_there_once(data: RunData):
    assert data.train_pixels.shape == (TRAIN_IMAGES - VALIDATION_IMAGES, PIXELS)
    assert data.validation_images.shape == (VALIDATION_IMAGES, PIXELS)
    assert data.test_images.shape == (TEST_IMAGES, PIXELS)
    assert data.train_pixels.dtype == torch.uint8
    assert data.test_images.dtype == torch.float32
    assert sorted(data.test_rows.tolist()) == list(range(TEST_IMAGES))


def test_the_change_of_labels_can_be_undone(mnist: Mnist, data: RunData):
    assert sorted(data.class_of_label.tolist()) == list(range(CLASSES))
    assert torch.equal(data.class_of_label[data.test_labels], mnist.test_labels.long()[data.test_rows])
    labels = torch.cat([data.train_labels, data.validation_labels])
    assert torch.equal(data.class_of_label[labels].bincount(), mnist.train_labels.long().bincount())


def test_labels_stay_with_their_images(data: RunData):
    """A network that is trained on the one part reads the other parts well: nearest neighbours will do."""
    nearest = torch.cdist(data.test_images[:ASKED], data.validation_images).argmin(dim=1)
    assert (data.validation_labels[nearest] == data.test_labels[:ASKED]).float().mean() > 0.8


def test_training_images_are_normalised_as_the_others_are(data: RunData):
    normalised = (data.train_pixels.float() / 255 - MEAN) / SD
    for images in (normalised, data.validation_images, data.test_images):
        assert abs(images.mean().item()) < 0.05
        assert images.std().item() == pytest.approx(1, abs=0.02)


def test_all_images_have_one_length(data: RunData):
    """Then an image alone, turned by a rotation of the run's, is any point of a sphere: it says nothing."""
    lengths = data.test_images.norm(dim=1)
    assert lengths.tolist() == pytest.approx([PIXELS**0.5] * TEST_IMAGES, rel=0.01)


def test_the_same_seed_gives_the_same_bytes(mnist: Mnist, data: RunData):
    again = prepare(mnist, seed=1)
    for part in dataclasses.fields(RunData):
        assert torch.equal(getattr(again, part.name), getattr(data, part.name)), part.name


def test_another_seed_gives_other_images_labels_and_rows(runs: list[RunData]):
    data, other = runs[:2]
    for part in ("train_pixels", "train_labels", "test_images", "test_labels", "test_rows", "class_of_label"):
        assert not torch.equal(getattr(other, part), getattr(data, part)), part


def test_the_data_set_itself_is_left_alone(mnist: Mnist):
    before = mnist.test_images.clone()
    prepare(mnist, seed=5)
    assert torch.equal(mnist.test_images, before)


def share_right(data: RunData, classes: torch.Tensor) -> float:
    """The share of the first test images whose class is told rightly; the names of labels are given away."""
    return (classes == data.class_of_label[data.test_labels[: len(classes)]]).float().mean().item()


def as_it_is(images: torch.Tensor) -> torch.Tensor:
    return images


def ink(images: torch.Tensor) -> torch.Tensor:
    """What no permutation of pixels changes."""
    return images.sort(dim=1).values


def relative_ink(images: torch.Tensor) -> torch.Tensor:
    """What neither a permutation nor another contrast changes."""
    return torch.nn.functional.normalize(ink(images - images.mean(dim=1, keepdim=True)))


def standardised(images: torch.Tensor) -> torch.Tensor:
    """What another mean and strength of each pixel does not change."""
    return (images - images.mean(dim=0)) / images.std(dim=0).clamp(min=1e-3)


def pixels_by_rank(images: torch.Tensor) -> torch.Tensor:
    """Pixels brought into the order of their means, which undoes a permutation of them."""
    return images[:, images.mean(dim=0).argsort()]


def pixels_by_spread(images: torch.Tensor) -> torch.Tensor:
    return images[:, images.std(dim=0).argsort()]


@pytest.mark.parametrize(
    "feature", [as_it_is, ink, relative_ink, standardised, pixels_by_rank, pixels_by_spread]
)
def test_a_table_of_the_test_images_reads_no_more_than_a_fifth(
    mnist: Mnist, runs: list[RunData], feature: Feature
):
    """The nearest image in a table of the very images that are asked for."""
    known = feature(flat(mnist.test_images))
    shares = []
    for run in runs:
        asked = feature(as_bytes(run.test_images))[:ASKED]
        shares.append(share_right(run, mnist.test_labels[torch.cdist(asked, known).argmin(dim=1)]))
    assert sum(shares) / len(shares) <= 0.20


def test_a_table_of_places_reads_no_more_than_a_fifth(mnist: Mnist, runs: list[RunData]):
    shares = [share_right(run, mnist.test_labels) for run in runs]
    assert sum(shares) / len(shares) <= 0.20


def test_weights_from_elsewhere_read_no_more_than_a_fifth(mnist: Mnist, runs: list[RunData]):
    """A linear fit to MNIST as published, which reads three of four images there."""
    images, answers = flat(mnist.train_images) / 255, torch.eye(CLASSES)[mnist.train_labels.long()]
    weights = torch.linalg.solve(images.T @ images + 10 * torch.eye(PIXELS), images.T @ answers)
    at_home = (flat(mnist.test_images) @ weights).argmax(dim=1)
    assert (at_home == mnist.test_labels).float().mean() > 0.75
    shares = [share_right(run, (as_bytes(run.test_images) @ weights).argmax(dim=1)) for run in runs]
    assert sum(shares) / len(shares) <= 0.20


@pytest.mark.parametrize("key", [lambda image: image, sorted], ids=["exact", "sorted"])
def test_no_hash_of_an_image_is_found_again(
    mnist: Mnist, data: RunData, key: Callable[[list[float]], object]
):
    table = {bytes(key(image.flatten().tolist())) for image in mnist.test_images}
    images = as_bytes(data.test_images).to(torch.uint8)
    assert not any(bytes(key(image.tolist())) in table for image in images)
