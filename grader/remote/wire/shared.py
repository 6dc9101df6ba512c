"""One shared tensor on one side, and how it differs from what the peer knows of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from grader.remote.wire.contents import same_content, tensor_from_bytes, tensor_to_bytes, write_content
from grader.remote.wire.frames import ProtocolError


@dataclass(slots=True)
class Shared:
    """One shared tensor on one side.

    `reference` gives the tensor that this side's code sees; `owned` says whether this side made
    it; `base` is the leaf that collects gradients where the tensor came as an argument, and
    `cut_node` the autograd node between the two; `visible` is the copy that this side's code sees
    where this side's own tensor came back as an argument; `output` is the tensor of this side's graph where
    it went out as a result, and `output_needs` what its backward collects at.
    """

    number: int
    owned: bool
    reference: Callable[[], torch.Tensor | None]
    content: torch.Tensor
    requires_grad: bool
    grad: torch.Tensor | None = None
    grad_content: torch.Tensor | None = None
    base: torch.Tensor | None = None
    cut_node: object = None
    visible: torch.Tensor | None = None
    output: torch.Tensor | None = None
    output_needs: list[torch.Tensor] = field(default_factory=list)

    @property
    def is_cut(self) -> bool:
        """Whether gradients of this tensor are collected apart from this side's graph."""
        return self.base is not None

    def is_argument(self, tensor: torch.Tensor) -> bool:
        """Whether this side's code got `tensor` from the peer, and did not make it."""
        return not self.owned or tensor is self.visible


def gradient_base(entry: Shared) -> torch.Tensor | None:
    """Return the leaf at which this side collects gradients for the peer's tensor, if there is one."""
    if entry.base is not None:
        return entry.base
    tensor = entry.reference()
    return tensor if tensor is not None and tensor.is_leaf and tensor.requires_grad else None


def reconcile(entry: Shared, tensor: torch.Tensor) -> None:
    """Make a tensor of this side's and the copy that came back as an argument agree again."""
    if entry.visible is not None:
        if not same_content(entry.visible, entry.content):
            write_content(tensor, entry.visible.detach())
        elif not same_content(tensor, entry.content):
            write_content(entry.visible, tensor.detach())


def difference(entry: Shared, tensor: torch.Tensor) -> list[Any] | None:
    """Return the change that tells the peer what is new, remembered as known, or None."""
    content: list[Any] | None = None
    requires_grad: bool | None = None
    grad: list[Any] | bool | None = None  # False: it is None now
    grad_rebound = False
    if not same_content(tensor, entry.content):
        entry.content = tensor.detach().clone()
        content = tensor_to_bytes(tensor)
    if tensor.requires_grad != entry.requires_grad:
        entry.requires_grad = requires_grad = tensor.requires_grad
    if tensor.is_leaf:
        current = tensor.grad
        grad_rebound = current is not entry.grad
        if current is None:
            if entry.grad_content is not None:
                grad, entry.grad_content = False, None
        elif entry.grad_content is None or not same_content(current, entry.grad_content):
            entry.grad_content = current.detach().clone()
            grad = tensor_to_bytes(current)
        entry.grad = current
    if content is None and requires_grad is None and grad is None:
        return None
    return [entry.number, content, requires_grad, grad, grad_rebound]


def take_gradient(entry: Shared, tensor: torch.Tensor, grad: Any, rebound: bool) -> None:
    """Take over the peer\'s gradient (False: None) of a leaf; `rebound` if it is a new tensor over there."""
    if not tensor.is_leaf:
        return
    if grad is False:
        tensor.grad = None
        entry.grad_content = None
    else:
        content = tensor_from_bytes(grad)
        if content.shape != tensor.shape or content.dtype != tensor.dtype:
            raise ProtocolError("a gradient does not fit its tensor")
        if tensor.grad is None or rebound:
            tensor.grad = content
        else:
            with torch.no_grad():
                tensor.grad.copy_(content)
        entry.grad_content = content.clone()
    entry.grad = tensor.grad
