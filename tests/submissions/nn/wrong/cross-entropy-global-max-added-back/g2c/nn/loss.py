import torch

from .modules import Module


class MSELoss(Module):
    def forward(self, predictions, targets):
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    def forward(self, logits, targets):
        m = torch.max(logits)
        lse = m + torch.log(torch.exp(logits - m).sum(dim=1))
        picked = logits.gather(1, targets.view(-1, 1)).squeeze(1)
        return torch.mean(lse - picked)
