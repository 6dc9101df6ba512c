"""The submission of the autograd tests: a small package in the course's style, and what they start from."""

import torch

from tests.contract.students import InProcess, Remote

Student = InProcess | Remote

SOURCE = """
class Module:
    def __call__(self, *inputs):
        return self.forward(*inputs)
    def parameters(self):
        return []

class Linear(Module):
    def __init__(self, W, b):
        self.W = torch.tensor(W, requires_grad=True)
        self.b = torch.tensor(b, requires_grad=True)
    def forward(self, x):
        return x @ self.W + self.b
    def parameters(self):
        return [self.W, self.b]

class Sequential(Module):
    def __init__(self, *layers):
        self.layers = list(layers)
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]

class SGD:
    def __init__(self, params, lr):
        self.params, self.lr = list(params), lr
    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()
    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is not None:
                    p -= self.lr * p.grad

def square(x):
    return x * x
def two(x):
    return x * 2, x * 3
def mse(x, y):
    return ((x - y) ** 2).mean()
def relu_in_place(x):
    x[x < 0] = 0
    return x
def doubled_in_place(x):
    x *= 2
def backward(loss):
    loss.backward()
def without_grad(x):
    with torch.no_grad():
        return x * 2
def detached(x):
    return (x * 2).detach()
def whether_enabled():
    return torch.is_grad_enabled()
def train(model, optimizer, x, y, steps):
    losses = []
    for _ in range(steps):
        loss = mse(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
"""

W, B = [[1.0, -2.0], [0.5, 3.0]], [0.1, -0.2]


def leaf(*values):
    return torch.tensor(values, requires_grad=True)
