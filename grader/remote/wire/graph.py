"""Autograd across the boundary: a local graph node whose backward runs on the other side.

A result that requires grad is, for its receiver, the output of a `RemoteNode`. The node's
inputs are the receiver's own tensors that the sender has seen as arguments. In backward the
node sends the gradient over; the sender runs its part of the graph, keeps the gradients of its
own leaves, and returns those of the arguments, which then flow on through the receiver's graph.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, cast

import torch
from torch.autograd.function import once_differentiable

from grader.remote.wire.contents import tensor_from_bytes, tensor_to_bytes
from grader.remote.wire.frames import ProtocolError
from grader.remote.wire.shared import Shared, gradient_base
from grader.remote.wire.tensors import TensorTable

TensorKind: TypeAlias = tuple[torch.Size, torch.dtype]


class BackwardCaller(Protocol):
    """Asks the peer to run its part of a backward pass."""

    def request_backward(
        self, output: int, grad: torch.Tensor, inputs: dict[int, TensorKind]
    ) -> list[torch.Tensor | None]:
        """Return, for each of `inputs`, its gradient or None."""


class Link:
    """What one node needs for its backward; keeps the peer's tensors alive as long as the node lives.

    It holds its session weakly: the collector of circles does not see through autograd's nodes and hooks, so
    a session that is held there, and holds a tensor of that graph, would never be freed.
    """

    def __init__(
        self, caller: BackwardCaller, table: TensorTable, output: int, inputs: dict[int, TensorKind]
    ):
        self._caller = weakref.ref(caller)
        self._table = weakref.ref(table)
        self._output = output
        self._inputs = inputs
        for number in (output, *inputs):
            table.pin(number)

    def backward(self, grad: torch.Tensor) -> list[torch.Tensor | None]:
        """Return the gradients of the inputs, in order."""
        caller = self._caller()
        if caller is None:
            raise RuntimeError("the session that this result came from is over")
        return caller.request_backward(self._output, grad, self._inputs)

    def __del__(self) -> None:
        if (table := self._table()) is not None:
            for number in (self._output, *self._inputs):
                table.unpin(number)


class RemoteNode(torch.autograd.Function):
    """The local stand-in for a piece of the peer's graph."""

    @staticmethod
    def forward(
        ctx: Any, link: Link, content: list[torch.Tensor], anchor: torch.Tensor, *inputs: torch.Tensor
    ) -> torch.Tensor:
        """Return the content as the output of a node that depends on `inputs`."""
        ctx.link = link
        ctx.save_for_backward(anchor)
        return content[0]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Run the peer's part; a second pass raises torch's own error unless the graph is retained."""
        _ = ctx.saved_tensors
        return (None, None, None, *ctx.link.backward(grad))


def attach(
    caller: BackwardCaller, table: TensorTable, number: int, content: torch.Tensor, inputs: list[int]
) -> torch.Tensor:
    """Return `content` as a non-leaf tensor whose backward runs on the peer as output `number`.

    `inputs` are this side's tensors that the output depends on; those that have gone take no gradient.
    """
    tensors = {n: tensor for n in inputs if (tensor := table.get(n).reference()) is not None}
    link = Link(caller, table, number, {n: (tensor.shape, tensor.dtype) for n, tensor in tensors.items()})
    with torch.enable_grad():
        anchor = torch.zeros((), requires_grad=True)
        apply = cast(Callable[..., torch.Tensor], RemoteNode.apply)
        return apply(link, [content], anchor, *tensors.values())


def cut(caller: BackwardCaller, table: TensorTable, entry: Shared, tensor: torch.Tensor) -> torch.Tensor:
    """Return a copy of `tensor` for the receiver's code, under which gradients collect at `entry.base`.

    If the receiver's code itself runs a backward pass, what has been collected goes to the peer.
    """
    number = entry.number
    weak_caller, weak_table = weakref.ref(caller), weakref.ref(table)  # as in `Link`

    def pass_on(base: torch.Tensor) -> None:
        caller, table = weak_caller(), weak_table()
        if caller is not None and table is not None and not table.collecting and base.grad is not None:
            grad, base.grad = base.grad, None
            caller.request_backward(number, grad, {})

    with torch.enable_grad():
        entry.base = tensor.detach().clone().requires_grad_()
        visible = entry.base.clone()
    entry.base.register_post_accumulate_grad_hook(pass_on)  # type: ignore[no-untyped-call]
    entry.cut_node = visible.grad_fn
    return visible


def run_backward(table: TensorTable, output: object, grad: list[Any], inputs: list[object]) -> list[Any]:
    """Run this side's part of a backward pass for the peer; return the gradients of `inputs`.

    Gradients of this side's own leaves accumulate as usual; those of the peer's tensors are
    collected apart, so that the peer's own engine can accumulate them.
    """
    entry = table.get(output)
    root = entry.reference() if entry.output is None else entry.output
    gradient = tensor_from_bytes(grad)
    if root is None or not entry.owned or (root.shape, root.dtype) != (gradient.shape, gradient.dtype):
        raise ProtocolError("a backward pass starts from something that did not cross")
    bases = [gradient_base(table.get(number)) for number in inputs]
    saved = [None if base is None else base.grad for base in bases]
    for base in bases:
        if base is not None:
            base.grad = None
    outer, table.collecting = table.collecting, bool(bases)
    try:
        torch.autograd.backward([root], [gradient], retain_graph=True)
        collected = [None if base is None else base.grad for base in bases]
    finally:
        table.collecting = outer
        for base, grad_before in zip(bases, saved, strict=True):
            if base is not None:
                base.grad = grad_before
    return [None if grad is None else tensor_to_bytes(grad) for grad in collected]
