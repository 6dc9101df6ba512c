"""Everything of module 03 in one file; the others re-export."""

import math
from typing import Iterable

import torch


class Module:
    """Base class: forward() does the work, parameters() lists what can be learned."""

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def forward(self, *args, **kwargs):
        raise NotImplementedError

    def parameters(self) -> Iterable[torch.Tensor]:
        return []


class Linear(Module):
    """y = x W + b"""

    def __init__(self, in_features: int, out_features: int):
        self.in_features = in_features
        self.out_features = out_features
        bound = 1 / math.sqrt(in_features)
        self.W = torch.empty(in_features, out_features).uniform_(-bound, bound)
        self.W.requires_grad_(True)
        self.b = torch.zeros(out_features, requires_grad=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.W + self.b

    def parameters(self) -> Iterable[torch.Tensor]:
        return [self.W, self.b]


class ReLU(Module):
    """max(0, x)"""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.clamp(x, min=0)


class Tanh(Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(x)


class Sigmoid(Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(x)


class Sequential(Module):
    """Runs the layers one after the other."""

    def __init__(self, *layers: Module):
        self.layers = list(layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> Iterable[torch.Tensor]:
        params = []
        for layer in self.layers:
            params.extend(layer.parameters())
        return params


class MSELoss(Module):
    """Mean squared error (given)."""

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return ((predictions - targets) ** 2).mean()


class CrossEntropyLoss(Module):
    """Cross-entropy from raw logits (B, C) and class numbers (B,)."""

    def forward(self, logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        shifted = logits - logits.max(dim=1, keepdim=True).values
        log_probs = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
        return -log_probs[torch.arange(len(targets)), targets].mean()


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
        with torch.no_grad():
            for p in self.params:
                if p.grad is None:
                    continue
                p -= self.lr * (p.grad + self.weight_decay * p)


def train_linear_regression(x, y, *, steps: int = 500, lr: float = 0.1):
    """Fit y = W x + b and return (model, losses)."""
    model = Linear(1, 1)
    loss_fn = MSELoss()
    optimizer = SGD(model.parameters(), lr=lr)
    losses = []
    for step in range(steps):
        y_pred = model(x)
        loss = loss_fn(y_pred, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


def build_2d_classifier(*, hidden: int = 16) -> Sequential:
    return Sequential(Linear(2, hidden), ReLU(), Linear(hidden, 2))


def accuracy_from_logits(logits: torch.Tensor, targets: torch.Tensor) -> float:
    predicted = logits.argmax(dim=1)
    return (predicted == targets).float().mean().item()


def train_classifier(model, x, y, *, steps: int = 1000, lr: float = 0.1, weight_decay: float = 0.0):
    """Full-batch training, returns the loss of every step."""
    loss_fn = CrossEntropyLoss()
    optimizer = SGD(model.parameters(), lr=lr, weight_decay=weight_decay)
    history = []
    for step in range(steps):
        logits = model(x)
        loss = loss_fn(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    return history


def build_mnist_mlp(*, hidden: int = 128, use_relu: bool = True) -> Sequential:
    if use_relu:
        return Sequential(Linear(784, hidden), ReLU(), Linear(hidden, 10))
    return Sequential(Linear(784, hidden), Linear(hidden, 10))


def train_one_epoch(model, loader, optimizer, loss_fn) -> float:
    """One pass over the loader; returns the mean loss per image."""
    total_loss = 0.0
    total_seen = 0
    for images, labels in loader:
        images = images.view(images.shape[0], -1)  # (B, 1, 28, 28) -> (B, 784)
        loss = loss_fn(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(labels)
        total_seen += len(labels)
    return total_loss / total_seen


def evaluate_accuracy(model, loader) -> float:
    """Share of right answers over the whole loader."""
    right = 0
    seen = 0
    with torch.no_grad():
        for images, labels in loader:
            predicted = model(images.view(images.shape[0], -1)).argmax(dim=1)
            right += (predicted == labels).sum().item()
            seen += len(labels)
    return right / seen
