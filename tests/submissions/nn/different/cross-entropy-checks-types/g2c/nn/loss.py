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
        if logits.dim() != 2 or targets.dim() != 1:
            raise ValueError(f"logits {tuple(logits.shape)}, targets {tuple(targets.shape)}")
        assert targets.dtype in (torch.int64, torch.int32, torch.uint8), targets.dtype
        targets = targets.long()
        return (logits.logsumexp(dim=1) - logits[torch.arange(len(targets)), targets]).mean()
