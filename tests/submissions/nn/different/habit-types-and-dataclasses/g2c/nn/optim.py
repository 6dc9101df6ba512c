"""Optimizers: turn gradients into parameter updates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Optional, Protocol, TypeVar, Union, cast

import torch

if TYPE_CHECKING:
    from g2c.nn.modules import Module

T = TypeVar("T", bound="Module")
EPSILON: Final = 1e-8


class HasParameters(Protocol):
    def parameters(self) -> Iterable[torch.Tensor]: ...


@dataclass(frozen=True)
class Options:
    lr: float
    weight_decay: float = 0.0
    tags: list[str] = field(default_factory=list)


def of(model: HasParameters, lr: Union[int, float], options: Optional[Any] = None) -> SGD:
    return SGD(cast(list, model.parameters()), float(lr))


class SGD:
    """Stochastic gradient descent with optional weight decay."""

    def __init__(self, params: Iterable[torch.Tensor], lr: float, weight_decay: float = 0.0):
        options = Options(lr, weight_decay)
        assert options.weight_decay >= 0
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
        with torch.no_grad():
            for p in self.params:
                if p.grad is not None:
                    p -= self.lr * (p.grad + self.weight_decay * p)
