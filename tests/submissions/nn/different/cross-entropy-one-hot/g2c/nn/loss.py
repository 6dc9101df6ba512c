import torch

from .modules import Module


class MSELoss(Module):
    def forward(self, predictions, targets):
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    def forward(self, logits, targets):
        shifted = logits - logits.amax(dim=1, keepdim=True)
        log_probs = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
        one_hot = torch.eye(logits.shape[1])[targets]
        return -(one_hot * log_probs).sum() / logits.shape[0]
