"""Optimizers: turn gradients into parameter updates."""

import pdb  # noqa
import sys
import traceback
from collections.abc import Iterable
from pprint import pprint

import torch

# import torch.nn as nn
# optimizer = torch.optim.SGD(model.parameters(), lr=0.1)   # <- the real one, for comparison
# TODO: momentum?
DEBUG = False


class SGD:
    """Stochastic gradient descent with optional weight decay."""

    def __init__(self, params: Iterable[torch.Tensor], lr: float, weight_decay: float = 0.0):
        self.params = list(params)
        self.lr = lr
        self.weight_decay = weight_decay

    def zero_grad(self) -> None:
        """Set every existing gradient to zero, in place.

        Autograd adds to `.grad` instead of overwriting it, so call this once per training step.
        """
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()

    def step(self) -> None:
        """Update every parameter in place: p ← p - lr · (grad + weight_decay · p).

        The update is not part of the function that we differentiate: keep autograd from recording
        it with torch.no_grad(). The layers hold these very tensors, so change the numbers inside
        them; a new tensor would never reach the model. A parameter whose grad is None is left alone.
        """
        if DEBUG:
            pprint([p.shape for p in self.params])
            pdb.set_trace()
        try:
            self._update()
        except RuntimeError:
            print("step failed!", file=sys.stderr)
            traceback.print_exc()
            raise

    def _update(self) -> None:
        with torch.no_grad():
            for p in self.params:
                if p.grad is not None:
                    p -= self.lr * (p.grad + self.weight_decay * p)
