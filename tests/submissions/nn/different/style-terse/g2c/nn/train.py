import torch

from .loss import CrossEntropyLoss, MSELoss
from .modules import Linear, ReLU, Sequential
from .optim import SGD


def train_linear_regression(x, y, steps=500, lr=0.1):
    model = Linear(1, 1)
    opt = SGD(model.parameters(), lr)
    mse = MSELoss()
    losses = []
    for _ in range(steps):
        opt.zero_grad()
        loss = mse(model(x), y)
        loss.backward()
        opt.step()
        losses.append(float(loss.detach()))
    return model, losses


def build_2d_classifier(hidden=16):
    return Sequential(
        Linear(2, hidden),
        ReLU(),
        Linear(hidden, 2),
    )


def accuracy_from_logits(logits, targets):
    preds = torch.argmax(logits, dim=-1)
    return (preds == targets).sum().item() / len(targets)


def train_classifier(model, x, y, steps=1000, lr=0.1, weight_decay=0.0):
    opt = SGD(model.parameters(), lr, weight_decay)
    ce = CrossEntropyLoss()
    losses = []
    for _ in range(steps):
        opt.zero_grad()
        loss = ce(model(x), y)
        loss.backward()
        opt.step()
        losses.append(float(loss.detach()))
    return losses


def build_mnist_mlp(hidden=128, use_relu=True):
    layers = [Linear(784, hidden)]
    if use_relu:
        layers.append(ReLU())
    layers.append(Linear(hidden, 10))
    return Sequential(*layers)


def train_one_epoch(model, loader, optimizer, loss_fn):
    running, n = 0.0, 0
    for x, y in loader:
        optimizer.zero_grad()
        logits = model(x.reshape(len(x), -1))
        loss = loss_fn(logits, y)
        loss.backward()
        optimizer.step()
        running += loss.item() * x.size(0)
        n += x.size(0)
    return running / n


@torch.no_grad()
def evaluate_accuracy(model, loader):
    correct, n = 0, 0
    for x, y in loader:
        logits = model(x.reshape(len(x), -1))
        correct += (logits.argmax(dim=1) == y).sum().item()
        n += y.size(0)
    return correct / n
