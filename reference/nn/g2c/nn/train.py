"""Small training routines: forward, loss, zero_grad, backward, step."""

import torch

from g2c.nn.loss import CrossEntropyLoss, MSELoss
from g2c.nn.modules import Linear, Module, ReLU, Sequential
from g2c.nn.optim import SGD


def train_linear_regression(
    x: torch.Tensor, y: torch.Tensor, *, steps: int = 500, lr: float = 0.1
) -> tuple[Linear, list[float]]:
    """Fit y ≈ x W + b for x and y of shape (N, 1); return the model and its losses."""
    model = Linear(1, 1)
    optimizer = SGD(model.parameters(), lr)
    loss_fn = MSELoss()
    losses = []
    for _ in range(steps):
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


def build_2d_classifier(hidden: int = 16) -> Sequential:
    """Return an untrained net from (B, 2) points to (B, 2) logits."""
    return Sequential(Linear(2, hidden), ReLU(), Linear(hidden, 2))


def accuracy_from_logits(logits: torch.Tensor, targets: torch.Tensor) -> float:
    """Return the share of rows whose largest logit is the target."""
    return (logits.argmax(dim=1) == targets).float().mean().item()


def train_classifier(
    model: Module,
    x: torch.Tensor,
    y: torch.Tensor,
    *,
    steps: int = 1000,
    lr: float = 0.1,
    weight_decay: float = 0.0,
) -> list[float]:
    """Train on the full batch x (N, D), y (N,); return the loss of every step."""
    optimizer = SGD(model.parameters(), lr, weight_decay)
    loss_fn = CrossEntropyLoss()
    losses = []
    for _ in range(steps):
        loss = loss_fn(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def build_mnist_mlp(hidden: int = 128, use_relu: bool = True) -> Sequential:
    """Return an untrained net from (B, 784) pixels to (B, 10) logits."""
    if use_relu:
        return Sequential(Linear(784, hidden), ReLU(), Linear(hidden, 10))
    return Sequential(Linear(784, hidden), Linear(hidden, 10))


def train_one_epoch(model: Module, loader, optimizer: SGD, loss_fn: Module) -> float:
    """Train on every (images, labels) batch once; return the mean loss per example."""
    total_loss, total_examples = 0.0, 0
    for images, labels in loader:
        loss = loss_fn(model(images.flatten(start_dim=1)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(labels)
        total_examples += len(labels)
    return total_loss / total_examples


def evaluate_accuracy(model: Module, loader) -> float:
    """Return the share of right predictions over every (images, labels) batch."""
    correct, total = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            logits = model(images.flatten(start_dim=1))
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total += len(labels)
    return correct / total
