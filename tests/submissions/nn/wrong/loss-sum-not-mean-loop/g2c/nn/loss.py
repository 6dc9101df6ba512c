import torch

from .modules import Module


class MSELoss(Module):
    def forward(self, predictions, targets):
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    def forward(self, logits, targets):
        total = 0.0
        log_z = torch.logsumexp(logits, dim=1)
        for i, t in enumerate(targets):
            total = total + log_z[i] - logits[i, t]
        return total
