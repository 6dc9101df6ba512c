"""MNIST of one run: the same task as ever, but nothing that was prepared at home fits it."""

import dataclasses

import pytest
import torch

from grader.datasets import Mnist, load_mnist
from grader.judging.mnist_data import CLASSES, MEAN, SD, VALIDATION_IMAGES, RunData, prepare

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
def data(mnist: Mnist) -> RunData:
    return prepare(mnist, seed=1)


def grey(images: torch.Tensor) -> torch.Tensor:
    """Undo the normalisation: grey levels 0 to 255, as floats (N, 784)."""
    return ((images * SD + MEAN) * 255).round()


def test_every_image_is_there_once(data: RunData):
    assert data.train_pixels.shape == (TRAIN_IMAGES - VALIDATION_IMAGES, 784)
    assert data.validation_images.shape == (VALIDATION_IMAGES, 784)
    assert data.test_images.shape == (TEST_IMAGES, 784)
    assert data.train_pixels.dtype == torch.uint8
    assert data.test_images.dtype == torch.float32


def test_the_label_permutation_can_be_undone(mnist: Mnist, data: RunData):
    assert sorted(data.class_of_label.tolist()) == list(range(CLASSES))
    assert torch.equal(data.class_of_label[data.test_labels], mnist.test_labels.long())
    labels = torch.cat([data.train_labels, data.validation_labels])
    assert torch.equal(data.class_of_label[labels].bincount(), mnist.train_labels.long().bincount())


def test_labels_stay_with_their_images(mnist: Mnist, data: RunData):
    """A network that is trained on the one part reads the other parts well: a nearest neighbour will do."""
    train = data.train_pixels.float()
    nearest = torch.cdist(grey(data.test_images[:ASKED]), train).argmin(dim=1)
    assert (data.train_labels[nearest] == data.test_labels[:ASKED]).float().mean() > 0.75


def test_pixels_change_places_but_an_image_keeps_its_ink(mnist: Mnist, data: RunData):
    original = mnist.test_images.reshape(TEST_IMAGES, -1).float()
    before, after = original.sum(dim=1), grey(data.test_images).sum(dim=1)
    assert not torch.equal(original, grey(data.test_images))
    assert ((after / before) > 0.7).all() and ((after / before) < 1.2).all()


def test_the_same_seed_gives_the_same_bytes(mnist: Mnist, data: RunData):
    again = prepare(mnist, seed=1)
    for part in dataclasses.fields(RunData):
        assert torch.equal(getattr(again, part.name), getattr(data, part.name)), part.name


def test_another_seed_gives_other_pixels_labels_and_rows(mnist: Mnist, data: RunData):
    other = prepare(mnist, seed=2)
    for part in ("train_pixels", "train_labels", "test_images", "test_labels", "class_of_label"):
        assert not torch.equal(getattr(other, part), getattr(data, part)), part


def test_the_data_set_itself_is_left_alone(mnist: Mnist):
    before = mnist.test_images.clone()
    prepare(mnist, seed=5)
    assert torch.equal(mnist.test_images, before)


def as_it_is(images: torch.Tensor) -> torch.Tensor:
    return images


def ink(images: torch.Tensor) -> torch.Tensor:
    """What no permutation of pixels changes."""
    return images.sort(dim=1).values


def relative_ink(images: torch.Tensor) -> torch.Tensor:
    """What neither a permutation nor less contrast changes."""
    return torch.nn.functional.normalize(ink(images))


def read_by_table(data: RunData, images: torch.Tensor, labels: torch.Tensor, feature) -> float:
    """The share of test images that a table of images and their classes reads rightly.

    It is told the label permutation, which the training data would give away.
    """
    asked = feature(grey(data.test_images[:ASKED]))
    nearest = torch.cdist(asked, feature(images.reshape(len(images), -1).float())).argmin(dim=1)
    return (labels[nearest] == data.class_of_label[data.test_labels[:ASKED]]).float().mean().item()


@pytest.mark.parametrize("feature", [as_it_is, ink])
def test_a_table_of_the_test_images_reads_no_more_than_a_fifth(mnist: Mnist, feature):
    runs = [prepare(mnist, seed) for seed in SEEDS]
    shares = [read_by_table(run, mnist.test_images, mnist.test_labels, feature) for run in runs]
    assert sum(shares) / len(shares) <= 0.20


def test_a_table_of_the_test_images_reads_hardly_better_than_one_of_other_images(mnist: Mnist):
    """An eight has more ink than a one, whatever is done to the pixels; to know the image adds little."""
    runs = [prepare(mnist, seed) for seed in SEEDS]
    known = [read_by_table(run, mnist.test_images, mnist.test_labels, relative_ink) for run in runs]
    others = [
        read_by_table(run, mnist.train_images[:TEST_IMAGES], mnist.train_labels[:TEST_IMAGES], relative_ink)
        for run in runs
    ]
    assert sum(known) / len(known) <= sum(others) / len(others) + 0.10


@pytest.mark.parametrize("key", [lambda image: image, sorted], ids=["exact", "sorted"])
def test_no_hash_of_an_image_is_found_again(mnist: Mnist, data: RunData, key):
    table = {bytes(key(image.flatten().tolist())) for image in mnist.test_images}
    pixels = grey(data.test_images).to(torch.uint8)
    assert not any(bytes(key(image.tolist())) in table for image in pixels)
