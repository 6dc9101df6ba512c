import torch

from .modules import Module


class MSELoss(Module):
    def forward(self, predictions, targets):
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    def forward(self, logits, targets):
        lse = torch.logsumexp(logits, 1)
        return (lse - logits[range(len(targets)), targets]).mean()
