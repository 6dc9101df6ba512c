"""Small training routines. Every one of them is the same loop:

for each batch (x, y_true):
    1. y_pred = f(x; θ)              forward pass
    2. loss   = L(y_pred, y_true)    how wrong are we?
    3. ∇θ loss                       backward pass; autograd does this, after zero_grad
    4. θ     ← θ - lr · ∇θ loss      parameter update; the optimizer's job
"""

import collections, copy, glob, itertools, math, os, random, re, sys, time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, no_grad, tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset

import g2c.nn.modules as m
from . import loss as losses_module
from .modules import Linear, Module, ReLU, Sequential
from .optim import *

CrossEntropyLoss = losses_module.CrossEntropyLoss
MSELoss = losses_module.MSELoss

Loader = Iterable[tuple[torch.Tensor, torch.Tensor]]
"""Batches of images (B, 1, 28, 28), float, with labels (B,), long. The last one may be smaller."""


def train_linear_regression(
    x: torch.Tensor, y: torch.Tensor, *, steps: int = 500, lr: float = 0.1
) -> tuple[Linear, list[float]]:
    """Fit y ≈ x W + b with Linear, MSELoss and SGD; return the model and the loss of every step.

    x, y: shape (N, 1). All N points are used in every step.
    """
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


def build_2d_classifier(*, hidden: int = 16) -> Sequential:
    """Return an untrained net from points (B, 2) to logits (B, 2): Linear, ReLU, Linear."""
    return Sequential(Linear(2, hidden), ReLU(), Linear(hidden, 2))


def accuracy_from_logits(logits: torch.Tensor, targets: torch.Tensor) -> float:
    """Return the share of rows (0 to 1) whose largest logit is the target.

    logits: shape (B, C). targets: integers of shape (B,).
    """
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
    """Train the model with CrossEntropyLoss and SGD; return the loss of every step.

    x: shape (N, D). y: integer classes of shape (N,). All N points are used in every step.
    """
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


def build_mnist_mlp(*, hidden: int = 128, use_relu: bool = True) -> Sequential:
    """Return an untrained net from pixels (B, 784) to logits (B, 10).

    Linear, ReLU, Linear; with use_relu=False the ReLU is left out (Exercise 5 shows what that costs).
    """
    from g2c.nn.modules import ReLU

    if use_relu:
        return Sequential(Linear(784, hidden), ReLU(), Linear(hidden, 10))
    return m.Sequential(m.Linear(784, hidden), m.Linear(hidden, 10))


def train_one_epoch(model: Module, loader: Loader, optimizer: SGD, loss_fn: Module) -> float:
    """Train on every batch once; return the mean loss per image.

    The model wants flat images, (B, 784). A batch's loss is a mean over its images, and the last
    batch may be smaller, so weight every batch's loss by its number of images.
    """
    total_loss, total_images = 0.0, 0
    for images, labels in loader:
        loss = loss_fn(model(images.flatten(start_dim=1)), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(labels)
        total_images += len(labels)
    return total_loss / total_images


def evaluate_accuracy(model: Module, loader: Loader) -> float:
    """Return the share of images (0 to 1) that the model classifies correctly, without training.

    Count right answers and images over all batches: the mean of the batches' accuracies would
    count the images of a small last batch more than the others.
    """
    correct, total = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            logits = model(images.flatten(start_dim=1))
            correct += (logits.argmax(dim=1) == labels).sum().item()
            total += len(labels)
    return correct / total
