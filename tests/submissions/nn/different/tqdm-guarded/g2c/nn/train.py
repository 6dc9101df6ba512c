"""Training routines for module 03."""

import torch

try:
    from tqdm import tqdm
except ImportError:  # not installed: no progress bar

    def tqdm(iterable, **kwargs):
        return iterable


from g2c.nn.loss import CrossEntropyLoss, MSELoss
from g2c.nn.modules import Linear, ReLU, Sequential
from g2c.nn.optim import SGD


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
    for images, labels in tqdm(loader, desc="train"):
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
