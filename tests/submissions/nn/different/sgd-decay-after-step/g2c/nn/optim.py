import torch


class SGD:
    def __init__(self, params, lr, weight_decay=0.0):
        self.params = list(params)  # could be a generator
        self.lr = lr
        self.weight_decay = weight_decay

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is not None:
                    p -= self.lr * p.grad
                    p *= 1 - self.lr * self.weight_decay
