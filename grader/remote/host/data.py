"""Training data as the student's code sees them, made once from the bytes that were delivered.

Reached by name from the trusted side; the work here is the same for student and reference.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch


def hold(images: torch.Tensor) -> None:
    """Do nothing: that the images were passed is what keeps them at hand for the calls that follow."""


class Batches:
    """A data loader: shuffled batches of (images (B, 1, 28, 28), labels (B,)), in a new order each epoch.

    Arguments: `pixels`, uint8 (N, 784); `labels`, (N,); `mean` and `sd`, of pixels scaled to 0 … 1.
    """

    def __init__(self, pixels: torch.Tensor, labels: torch.Tensor, batch_size: int, mean: float, sd: float):
        images = pixels.float().div_(255).sub_(mean).div_(sd).reshape(-1, 1, 28, 28)
        self.dataset = torch.utils.data.TensorDataset(images, labels.clone())
        self.batch_size = batch_size

    def __len__(self) -> int:
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[torch.Tensor, ...]]:
        images, labels = self.dataset.tensors
        for rows in torch.split(torch.randperm(len(images)), self.batch_size):
            yield images[rows], labels[rows]
