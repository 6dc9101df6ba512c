import torch

from .modules import Module


class MSELoss(Module):
    def forward(self, predictions, targets):
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    def forward(self, logits, targets):
        lse = logits.logsumexp(dim=1)
        return (lse - logits[torch.arange(len(targets)), targets]).mean()
