"""The building blocks: every layer is a Module with a forward pass and parameters."""

from collections.abc import Iterable

import torch


class Module:
    """Anything that maps tensors to tensors and may own learnable parameters."""

    def __call__(self, *args, **kwargs):
        return self.forward(*args, **kwargs)

    def forward(self, *args, **kwargs):
        """Compute the output; every layer overrides this."""
        raise NotImplementedError(f"{type(self).__name__} has no forward pass yet")

    def parameters(self) -> Iterable[torch.Tensor]:
        """Return the learnable tensors, in a fixed order."""
        return []


class Linear(Module):
    """y = x W + b with W of shape (in, out) and b of shape (out,)."""

    def __init__(self, in_features: int, out_features: int):
        bound = in_features**-0.5
        self.W = torch.empty(in_features, out_features).uniform_(-bound, bound).requires_grad_()
        self.b = torch.zeros(out_features, requires_grad=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map x of shape (B, in) to (B, out)."""
        return x @ self.W + self.b

    def parameters(self) -> Iterable[torch.Tensor]:
        """Return W and b."""
        return [self.W, self.b]


class ReLU(Module):
    """max(0, x), element by element."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a new tensor of the same shape as x."""
        return x.clamp(min=0)


class Tanh(Module):
    """tanh(x), element by element."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a new tensor of the same shape as x."""
        return torch.tanh(x)


class Sigmoid(Module):
    """1 / (1 + exp(-x)), element by element."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a new tensor of the same shape as x."""
        return torch.sigmoid(x)


class Sequential(Module):
    """Layers applied one after the other."""

    def __init__(self, *layers: Module):
        self.layers = list(layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Feed x through every layer, first to last."""
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> Iterable[torch.Tensor]:
        """Return the parameters of all layers, in layer order."""
        return [p for layer in self.layers for p in layer.parameters()]
