"""Loss functions."""

import torch

from g2c.nn.modules import Module


class MSELoss(Module):
    """Mean squared error (given)."""

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    """Cross-entropy from raw logits (B, C) and class numbers (B,)."""

    def forward(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        losses = []
        for row, target in zip(logits, targets):
            m = row.max()
            log_sum = (row - m).exp().sum().log() + m
            losses.append(log_sum - row[target])
        return torch.stack(losses).mean()
