import torch

from .modules import Module


class MSELoss(Module):
    def forward(self, predictions, targets):
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    def forward(self, logits, targets):
        # keep the numbers small
        centered = logits - logits.mean(dim=1, keepdim=True)
        log_probs = centered - centered.exp().sum(dim=1, keepdim=True).log()
        return -log_probs[torch.arange(len(targets)), targets].mean()
