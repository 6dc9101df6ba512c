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
        log_probs = logits - torch.log(torch.sum(torch.exp(logits), dim=1, keepdim=True))
        nll = -log_probs.gather(1, targets.unsqueeze(1))
        return nll.mean()
