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
        # log-sum-exp trick
        m = logits.max(dim=1, keepdim=True).values
        shifted = logits - m
        log_probs = shifted - (logits.exp().sum(dim=1, keepdim=True).log() - m)
        return -log_probs[torch.arange(len(targets)), targets].mean()
