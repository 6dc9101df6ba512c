"""Optimizers."""

import torch


class SGD:
    """Stochastic gradient descent."""

    def __init__(self, params, lr: float, weight_decay: float = 0.0):
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay
        self.velocity = [torch.zeros_like(p) for p in self.params]

    def zero_grad(self) -> None:
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

    def step(self) -> None:
        with torch.no_grad():
            for p, v in zip(self.params, self.velocity):
                if p.grad is not None:
                    v += p.grad + self.weight_decay * p
                    p -= self.lr * v
