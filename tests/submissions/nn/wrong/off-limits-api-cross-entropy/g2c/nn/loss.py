"""Loss functions."""

import torch
import torch.nn.functional as F

from g2c.nn.modules import Module


class MSELoss(Module):
    """Mean squared error (given)."""

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    """Cross-entropy from raw logits (B, C) and class numbers (B,)."""

    def forward(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(logits, targets)
