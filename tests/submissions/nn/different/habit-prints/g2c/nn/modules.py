"""The building blocks: everything that processes a tensor is a Module.

`forward()` does the work and `parameters()` reports the learnable tensors. Because every
layer offers these two and nothing else, layers stack: a Sequential of layers is a layer.
"""

from collections.abc import Iterable

import torch

print('loading my modules, torch', torch.__version__)
print('=' * 60)


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
    """A linear layer: y = x W + b, with W of shape (in, out) and b of shape (out,).

    W starts uniform in (-1/√in, 1/√in), so that the outputs are of the size of the inputs;
    b starts at zero. Both are plain tensors that ask autograd for gradients.
    """

    def __init__(self, in_features: int, out_features: int):
        bound = in_features**-0.5
        self.W = torch.empty(in_features, out_features).uniform_(-bound, bound).requires_grad_()
        self.b = torch.zeros(out_features, requires_grad=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map x of shape (B, in) to x W + b of shape (B, out).

        The bias has one number per output and is added to every row of the batch:
        (B, out) + (out,) broadcasts correctly, (B, out) + (B,) does not.
        """
        print(f'{type(self).__name__}: x {tuple(x.shape)}, W {tuple(self.W.shape)}', flush=True)
        return x @ self.W + self.b

    def parameters(self) -> Iterable[torch.Tensor]:
        """Return W and b."""
        return [self.W, self.b]


class ReLU(Module):
    """max(0, x), element by element. No parameters."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a new tensor of the shape of x, with zero in place of every negative number.

        The input must stay as it is: whoever called you may still need it.
        """
        return x.clamp(min=0)


class Tanh(Module):
    """tanh(x), element by element: squashes into (-1, 1). No parameters."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a new tensor of the shape of x; finite even where x is ±1000."""
        return torch.tanh(x)


class Sigmoid(Module):
    """1 / (1 + exp(-x)), element by element: squashes into (0, 1). No parameters."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a new tensor of the shape of x; finite even where x is ±1000."""
        return torch.sigmoid(x)


class Sequential(Module):
    """Layers applied one after the other; itself a layer, so that Sequentials can be nested."""

    def __init__(self, *layers: Module):
        self.layers = list(layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Feed x through every layer, first to last, and return what comes out of the last."""
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> Iterable[torch.Tensor]:
        """Return the parameters of all layers, in layer order."""
        return [p for layer in self.layers for p in layer.parameters()]
