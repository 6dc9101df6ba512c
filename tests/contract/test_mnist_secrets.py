"""What the timed MNIST run sends: labels to train on and no others, and test images last of all."""

from pathlib import Path

import pytest
import torch

from grader.judging.mnist_data import RunData
from grader.judging.mnist_runner import Runner
from grader.remote.wire.frames import FrameStream
from tests.contract.judging import NN, graded, job_for, short_mnist_bench

LABELS = 24  # so many in a row occur by no accident


def test_labels_stay_here_and_test_images_are_sent_after_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    sent: list[bytes] = []
    in_training: list[int] = []  # how many frames had been sent when a pass was over
    seen: list[RunData] = []
    send, train_epoch = FrameStream.send, Runner.train_epoch

    def kept(stream: FrameStream, payload: bytes, descriptors: tuple[int, ...] = ()) -> None:
        sent.append(payload)
        send(stream, payload, descriptors)

    def told(runner: Runner) -> None:
        train_epoch(runner)
        in_training.append(len(sent))
        seen.append(runner.data)

    monkeypatch.setattr(FrameStream, "send", kept)
    monkeypatch.setattr(Runner, "train_epoch", told)
    with short_mnist_bench(tmp_path) as bench:
        result = graded(job_for(NN.reference, with_mnist=True), bench)
    assert result.mnist is not None and result.mnist.outcome == "passed"
    data = seen[0]

    def places(needles: list[bytes]) -> set[int]:
        return {number for number, frame in enumerate(sent) for needle in needles if needle in frame}

    def image(images: torch.Tensor) -> list[bytes]:
        return [images[0].numpy().tobytes()]

    assert places(_written(data.train_labels)), "the control: labels that are sent are found"
    assert not places(_written(data.validation_labels))
    assert not places(_written(data.test_labels))
    assert min(places(image(data.validation_images))) < in_training[0]
    assert min(places(image(data.test_images))) >= in_training[-1]


def _written(labels: torch.Tensor) -> list[bytes]:
    """The first labels, in each form in which numbers cross."""
    first = labels[:LABELS]
    kinds = (torch.uint8, torch.int16, torch.int32, torch.int64, torch.float32, torch.float64)
    return [first.to(kind).numpy().tobytes() for kind in kinds]
