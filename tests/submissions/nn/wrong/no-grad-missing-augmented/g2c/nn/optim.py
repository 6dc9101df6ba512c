"""Optimizers."""

import torch


class SGD:
    """Stochastic gradient descent."""

    def __init__(self, params, lr: float, weight_decay: float = 0.0):
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    def zero_grad(self) -> None:
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

    def step(self) -> None:
        for p in self.params:
            if p.grad is None:
                continue
            # param <- param - lr * (grad + wd * param)
            p -= self.lr * (p.grad + self.weight_decay * p)
