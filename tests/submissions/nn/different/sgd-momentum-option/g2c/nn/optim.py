"""Optimizers."""

import torch


class SGD:
    """Stochastic gradient descent."""

    def __init__(self, params, lr: float, weight_decay: float = 0.0, momentum: float = 0.0):
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.velocity = [torch.zeros_like(p, requires_grad=False) for p in self.params]
        self.t = 0

    def zero_grad(self) -> None:
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

    def step(self) -> None:
        self.t += 1
        with torch.no_grad():
            for p, v in zip(self.params, self.velocity):
                if p.grad is None:
                    continue
                g = p.grad + self.weight_decay * p
                v.mul_(self.momentum).add_(g)
                p -= self.lr * v
