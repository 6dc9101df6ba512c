import torch

from .modules import Module


class MSELoss(Module):
    def forward(self, predictions, targets):
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def forward(self, logits, targets):
        nll = logits.logsumexp(dim=1) - logits.gather(1, targets[:, None])[:, 0]
        if self.reduction == "sum":
            return nll.sum()
        return nll.mean()
