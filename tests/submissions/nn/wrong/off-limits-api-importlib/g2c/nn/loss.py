import importlib

from .modules import Module


class MSELoss(Module):
    def forward(self, predictions, targets):
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    def forward(self, logits, targets):
        return importlib.import_module("torch.nn.functional").cross_entropy(logits, targets)
