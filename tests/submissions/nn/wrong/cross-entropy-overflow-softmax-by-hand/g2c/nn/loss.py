import torch

from .modules import Module


class MSELoss(Module):
    def forward(self, predictions, targets):
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    def forward(self, logits, targets):
        exps = torch.exp(logits)
        probs = exps / exps.sum(dim=1, keepdim=True)
        idx = torch.arange(logits.shape[0])
        return -torch.log(probs[idx, targets]).mean()
