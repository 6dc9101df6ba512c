"""A small hand-in, whose answers to the scripts of `scripts.py` are the decoder's first inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch

VERSION = "1.0"


class Module:
    """The base class."""

    def __call__(self, *inputs: Any) -> Any:
        return self.forward(*inputs)

    def forward(self, x: Any) -> Any:
        return x

    def parameters(self) -> list[torch.Tensor]:
        return []


class Linear(Module):
    """y = x·W + b."""

    def __init__(self, inputs: int, outputs: int):
        self.W = (
            torch.arange(inputs * outputs, dtype=torch.float32).reshape(inputs, outputs) / 10
        ).requires_grad_()
        self.b = torch.zeros(outputs, requires_grad=True)
        self.notes = {"sizes": (inputs, outputs), "seen": [], "kind": torch.float32}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x @ self.W + self.b

    def parameters(self) -> list[torch.Tensor]:
        return [self.W, self.b]


class SGD:
    """w ← w − lr·∂w."""

    def __init__(self, parameters: Iterable[torch.Tensor], lr: float):
        self.parameters, self.lr = list(parameters), lr

    def step(self) -> None:
        with torch.no_grad():
            for parameter in self.parameters:
                if parameter.grad is not None:
                    parameter -= self.lr * parameter.grad

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None


class Batches:
    """Iterates, has a length and items."""

    def __init__(self, number: int):
        self.number = number

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, index: int) -> torch.Tensor:
        return torch.full((2,), float(index))

    def __iter__(self) -> Iterator[tuple[torch.Tensor, int]]:
        return ((torch.full((2,), float(i)), i) for i in range(self.number))


def mse_loss(prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return ((prediction - target) ** 2).mean()


def train_one_epoch(model: Any, loader: Any, loss: Callable[..., Any], optimizer: Any) -> list[float]:
    losses = []
    for x, y in loader:
        optimizer.zero_grad()
        value = loss(model(x), y)
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


def echo(*values: Any) -> Any:
    return values[0] if len(values) == 1 else list(values)


def fill(x: torch.Tensor) -> None:
    with torch.no_grad():
        x.fill_(2.0)


def own_backward(x: torch.Tensor) -> torch.Tensor:
    (x * x).sum().backward()
    return x


def fail(kind: str) -> None:
    raise {"value": ValueError("a wrong value"), "os": OSError(2, "no such file"), "exit": SystemExit(3)}[
        kind
    ]


def various() -> list[Any]:
    return [
        (1, -1, 2**63, -(2**70), 2**300, True, None, 0.5, math.inf, math.nan),
        {"a": [b"bytes", "é"], 1: {2, 3}, (1, 2): slice(None, 3, 2)},
        [torch.float64, torch.zeros(2, 0), torch.tensor(3), torch.ones(3, dtype=torch.bool), ...],
        torch.zeros(2).numpy(),
        Module,
        Linear(1, 1),
    ]
