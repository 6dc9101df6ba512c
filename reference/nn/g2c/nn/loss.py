"""Loss functions: predictions and targets in, one scalar out."""

import torch

from g2c.nn.modules import Module


class MSELoss(Module):
    """Mean squared error, averaged over every element."""

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the scalar mean of (predictions - targets)²."""
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    """Mean negative log-probability of the right class, computed from logits."""

    def forward(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the scalar loss for logits (B, C) and integer targets (B,).

        Subtracting each row's own maximum leaves the softmax unchanged and keeps
        exp() from overflowing: the log-sum-exp trick.
        """
        shifted = logits - logits.max(dim=1, keepdim=True).values
        log_probabilities = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
        rows = torch.arange(len(targets))
        return -log_probabilities[rows, targets].mean()
