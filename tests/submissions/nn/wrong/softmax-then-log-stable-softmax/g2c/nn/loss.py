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
        z = logits - logits.max(dim=1, keepdim=True).values
        probs = z.exp() / z.exp().sum(dim=1, keepdim=True)
        rows = torch.arange(logits.shape[0])
        return -torch.log(probs[rows, targets]).mean()
