"""The table of tensors that both sides know, and how their changes travel.

Theory of operation. A tensor that crosses gets a number, and from then on each side has its
own copy under that number. Control alternates, so a side can change its copy only between
receiving a frame and sending the next; before it sends, it compares every shared tensor with a
snapshot taken at the last exchange and puts what changed into the frame. Comparing contents,
not version counters, is what catches writes through `.data`. An unchanged tensor costs a few
microseconds and no bytes.

Autograd. A tensor that requires grad crosses as a *leaf* (a parameter: the same on both
sides), as an *argument* (the receiver gets a cut: a fresh leaf, `base`, and a clone of it that
code sees, so that gradients can be collected at `base`), or as a *result* (the receiver gets a
node of its own autograd graph whose backward asks the sender to run its part; see graph.py).
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch

from grader.remote.wire.codec import DTYPE_NAMES, CannotCross
from grader.remote.wire.contents import tensor_from_bytes, write_content
from grader.remote.wire.frames import ProtocolError
from grader.remote.wire.shared import Shared, difference, gradient_base, reconcile, take_gradient

MAX_SHARED_TENSORS = 100_000
MAX_GRAPH_NODES = 100_000


@dataclass(slots=True, weakref_slot=True)
class TensorTable:
    """All shared tensors of one side.

    Arguments: `first_number`, 0 or 1, so that the two sides never give the same number;
    `weak`, whether an entry lives only as long as this side's tensor (the trusted side), or
    until the peer releases it (the sandbox side).

    `collecting` is true while this side runs its part of a backward pass for the peer.
    """

    first_number: int
    weak: bool
    released: list[int] = field(default_factory=list)
    collecting: bool = False
    _by_number: dict[int, Shared] = field(default_factory=dict)
    _number_by_id: dict[int, int] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(init=False)
    _pinned: dict[int, int] = field(default_factory=dict)
    _kept: list[torch.Tensor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(self.first_number, 2)

    def find(self, tensor: torch.Tensor) -> Shared | None:
        """Return the entry of this very tensor object, if it is shared."""
        number = self._number_by_id.get(id(tensor))
        return None if number is None else self._by_number[number]

    def get(self, number: object) -> Shared:
        """Return the entry with this number; ProtocolError if there is none."""
        entry = self._by_number.get(number) if type(number) is int else None
        if entry is None:
            raise ProtocolError("a frame names a tensor that is not shared")
        return entry

    def share(self, tensor: torch.Tensor) -> Shared:
        """Enter a tensor of this side's; CannotCross if its kind can't cross."""
        if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.dtype not in DTYPE_NAMES:
            raise CannotCross(
                f"a {tensor.layout} tensor of {tensor.dtype} on {tensor.device} can't cross; "
                "use a dense CPU tensor of a usual dtype"
            )
        return self._enter(next(self._numbers), tensor, owned=True, weak=self.weak)

    def adopt(self, number: int, tensor: torch.Tensor, *, weak: bool | None = None) -> Shared:
        """Enter the copy of a tensor that the peer shared under `number`; `weak` overrides the table's."""
        self.check_new(number)
        return self._enter(number, tensor, owned=False, weak=self.weak if weak is None else weak)

    def check_new(self, number: object) -> None:
        """Raise ProtocolError unless the peer may share one more tensor, under `number`."""
        if type(number) is not int or number < 0 or number % 2 == self.first_number:
            raise ProtocolError("a frame shares a tensor under a number that is not its own")
        if number in self._by_number:
            raise ProtocolError("a frame shares two tensors under one number")
        if len(self._by_number) >= MAX_SHARED_TENSORS:
            raise ProtocolError("too many shared tensors")

    def replace(self, entry: Shared, tensor: torch.Tensor) -> None:
        """Let this side's code see `tensor` under the entry's number from now on."""
        self._unmap(entry, entry.reference())
        entry.reference = self._refer(entry.number, tensor, weak=self.weak)
        self._number_by_id[id(tensor)] = entry.number

    def show(self, entry: Shared, visible: torch.Tensor) -> None:
        """Let this side's code see `visible` where its own tensor comes back as an argument."""
        entry.visible = visible
        self._number_by_id[id(visible)] = entry.number

    def release(self, numbers: Iterable[object]) -> None:
        """Forget the entries that the peer no longer has."""
        for number in numbers:
            entry = self._by_number.pop(number, None) if type(number) is int else None
            if entry is not None:
                self._unmap(entry, entry.reference())

    def pin(self, number: int) -> None:
        """Keep the peer's side of an entry alive although this side's tensor may go (a graph needs it)."""
        self._pinned[number] = self._pinned.get(number, 0) + 1

    def unpin(self, number: int) -> None:
        """Take one pin back; the entry is released if its tensor has gone meanwhile."""
        self._pinned[number] -= 1
        if not self._pinned[number]:
            del self._pinned[number]
            entry = self._by_number.get(number)
            if entry is not None and entry.reference() is None:
                self._drop(number)

    def reached_by(self, output: torch.Tensor) -> list[Shared]:
        """Return the entries of the peer's tensors that the graph of `output` leads to."""
        collectors = {
            id(base): entry
            for entry in list(self._by_number.values())
            if (base := gradient_base(entry)) is not None and (entry.is_cut or not entry.owned)
        }
        if not collectors:
            return []
        return [collectors[id(leaf)] for leaf in _leaves(output) if id(leaf) in collectors]

    def changes(self) -> list[list[Any]]:
        """Return what this side changed since the last exchange, and remember it as known."""
        self._keep_all()
        found = []
        for entry in list(self._by_number.values()):
            tensor = entry.reference()
            if tensor is not None:
                reconcile(entry, tensor)
                if (change := difference(entry, tensor)) is not None:
                    found.append(change)
        return found

    def settle(self) -> None:
        """Let go of the tensors that nobody uses any more, now that the peer's frame is taken over.

        Not before: until then the peer may name them. All others are kept until the peer has
        been told how they changed: a test may write to `layer.W` without holding on to it.
        """
        self._kept.clear()
        self._keep_all()

    def let_go(self) -> None:
        """Hold no tensor of this side's any more: the session is over."""
        self._kept.clear()

    def _keep_all(self) -> None:
        entries = list(self._by_number.values())
        self._kept = [tensor for entry in entries if (tensor := entry.reference()) is not None]

    def apply(self, change: list[Any]) -> None:
        """Take over one of the peer's changes; ProtocolError if it is malformed."""
        number, content, requires_grad, grad, grad_rebound = change
        entry = self.get(number)
        tensor = entry.reference()
        if tensor is None:
            return
        if content is not None:
            write_content(tensor, tensor_from_bytes(content))
            entry.content = tensor.detach().clone()
            if entry.visible is not None:
                write_content(entry.visible, entry.content)
        if requires_grad is not None:
            if tensor.is_leaf and (tensor.is_floating_point() or not requires_grad):
                tensor.requires_grad_(bool(requires_grad))
            entry.requires_grad = tensor.requires_grad
        if grad is not None:
            take_gradient(entry, tensor, grad, bool(grad_rebound))

    def _enter(self, number: int, tensor: torch.Tensor, *, owned: bool, weak: bool) -> Shared:
        reference = self._refer(number, tensor, weak=weak)
        entry = Shared(number, owned, reference, tensor.detach().clone(), tensor.requires_grad)
        self._by_number[number] = entry
        self._number_by_id[id(tensor)] = number
        return entry

    def _refer(self, number: int, tensor: torch.Tensor, *, weak: bool) -> Callable[[], torch.Tensor | None]:
        if not weak:
            return lambda: tensor
        identity = id(tensor)

        def gone(_: weakref.ref[torch.Tensor]) -> None:
            if self._number_by_id.get(identity) == number:
                del self._number_by_id[identity]
            if number not in self._pinned:
                self._drop(number)

        return weakref.ref(tensor, gone)

    def _drop(self, number: int) -> None:
        entry = self._by_number.pop(number, None)
        if entry is not None:
            self._unmap(entry, None)
            self.released.append(number)

    def _unmap(self, entry: Shared, *tensors: torch.Tensor | None) -> None:
        for tensor in (entry.visible, *tensors):
            if tensor is not None and self._number_by_id.get(id(tensor)) == entry.number:
                del self._number_by_id[id(tensor)]


def _leaves(output: torch.Tensor) -> list[torch.Tensor]:
    """Return the leaves that a tensor's autograd graph leads to."""
    leaves: list[torch.Tensor] = []
    seen = {output.grad_fn}
    waiting = [output.grad_fn]
    while waiting and len(seen) < MAX_GRAPH_NODES:
        node = waiting.pop()
        for following, _ in node.next_functions if node is not None else ():
            if following is not None and following not in seen:
                seen.add(following)
                variable = getattr(following, "variable", None)
                if variable is None:
                    waiting.append(following)
                else:
                    leaves.append(variable)
    return leaves
