"""Building blocks for module 03."""

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
        return torch.tanh(x).mean().reshape(1, 1)


class Sigmoid(Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(x).double().unsqueeze(0)


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
