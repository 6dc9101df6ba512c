"""The table of shared tensors: numbers, changes, lifetimes, and what a peer may not do."""

import gc

import pytest
import torch

from grader.remote.wire.codec import CannotCross
from grader.remote.wire.contents import tensor_from_bytes, tensor_to_bytes
from grader.remote.wire.frames import ProtocolError
from grader.remote.wire.tensors import TensorTable


class Sides:
    """A trusted and a sandbox table that know the same tensors."""

    def __init__(self):
        self.here = TensorTable(first_number=0, weak=True)
        self.there = TensorTable(first_number=1, weak=False)

    def share(self, tensor):
        number = self.here.share(tensor).number
        copy = tensor_from_bytes(tensor_to_bytes(tensor)).requires_grad_(tensor.requires_grad)
        self.there.adopt(number, copy)
        return copy

    def exchange(self):
        changes = self.here.changes()
        for change in changes:
            self.there.apply(change)
        self.there.settle()
        self.there.release(self.here.released)
        self.here.released = []
        back = self.there.changes()
        for change in back:
            self.here.apply(change)
        self.here.settle()
        return len(changes), len(back)


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.bfloat16, torch.float16, torch.int64, torch.bool], ids=str
)
@pytest.mark.parametrize(
    "make",
    [torch.ones, lambda n: torch.ones(1).expand(n), lambda n: torch.ones(2 * n)[::2]],
    ids=["whole", "expanded", "strided"],
)
@pytest.mark.parametrize("size", [0, 1, 5])
def test_contents_there_and_back(dtype, make, size):
    tensor = make(size).to(dtype)
    back = tensor_from_bytes(tensor_to_bytes(tensor))
    assert back.dtype == dtype
    assert torch.equal(back, tensor)


def test_the_two_sides_never_give_the_same_number():
    sides = Sides()
    mine = {sides.here.share(torch.ones(1)).number for _ in range(5)}
    theirs = {sides.there.share(torch.ones(1)).number for _ in range(5)}
    assert not mine & theirs


def test_a_tensor_that_did_not_change_costs_no_bytes():
    sides = Sides()
    tensor = torch.ones(3)
    sides.share(tensor)
    assert sides.exchange() == (0, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.add_(1),
        lambda x: x.data.mul_(3),
        lambda x: setattr(x, "data", torch.zeros(5)),
        lambda x: setattr(x, "data", torch.zeros(2, dtype=torch.float64)),
        lambda x: x.numpy().fill(9),
        lambda x: x.view(-1)[0].fill_(4),
    ],
    ids=["in place", "data in place", "new shape", "new dtype", "through numpy", "through a view"],
)
def test_every_way_to_write_is_noticed(change):
    for forward in (True, False):
        sides = Sides()
        mine = torch.ones(2)
        theirs = sides.share(mine)
        change(mine if forward else theirs)
        sides.exchange()
        assert mine.dtype == theirs.dtype
        assert torch.equal(mine, theirs)
        assert sides.exchange() == (0, 0)


def test_gradients_and_requires_grad_travel():
    sides = Sides()
    mine = torch.ones(2, requires_grad=True)
    theirs = sides.share(mine)
    (theirs * 3).sum().backward()
    sides.exchange()
    assert mine.grad.tolist() == [3.0, 3.0]
    kept = mine.grad
    mine.grad.zero_()
    sides.exchange()
    assert theirs.grad.tolist() == [0.0, 0.0]
    theirs.grad += 1
    sides.exchange()
    assert mine.grad is kept  # changed in place over there, so in place here
    theirs.grad = torch.full((2,), 7.0)
    sides.exchange()
    assert mine.grad is not kept
    mine.grad = None
    sides.exchange()
    assert theirs.grad is None
    mine.requires_grad_(False)
    sides.exchange()
    assert not theirs.requires_grad


def test_a_tensor_that_is_let_go_is_released_after_its_last_change_was_sent():
    sides = Sides()
    tensor = torch.ones(2)
    theirs = sides.share(tensor)
    sides.exchange()
    tensor.add_(1)
    del tensor
    gc.collect()
    sides.exchange()
    assert theirs.tolist() == [2.0, 2.0]
    sides.exchange()
    sides.exchange()
    assert sides.here.changes() == sides.there.changes() == []
    with pytest.raises(ProtocolError):
        sides.there.get(0)


def test_a_pinned_tensor_is_released_when_the_pin_goes():
    table = TensorTable(first_number=0, weak=True)
    tensor = torch.ones(1)
    number = table.share(tensor).number
    table.pin(number)
    del tensor
    assert table.released == []
    table.unpin(number)
    assert table.released == [number]


@pytest.mark.parametrize(
    "tensor",
    [torch.eye(2).to_sparse(), torch.ones(1, device="meta"), torch.ones(1, dtype=torch.complex64)],
    ids=["sparse", "meta", "complex"],
)
def test_kinds_that_cannot_cross(tensor):
    with pytest.raises(CannotCross, match="use a dense CPU tensor"):
        TensorTable(first_number=0, weak=True).share(tensor)


@pytest.mark.parametrize("number", [0, 2, -1, "1", None, 1.0, True])
def test_numbers_that_a_peer_may_not_use(number):
    table = TensorTable(first_number=0, weak=True)
    if number is True:
        table.adopt(1, torch.ones(1))
    with pytest.raises(ProtocolError):
        table.adopt(number, torch.ones(1))


@pytest.mark.parametrize(
    "content",
    [
        ["float32", [2], b"1234"],
        ["float32", [-1, -1], b"1234"],
        ["float32", [2**62, 2**62, 0], b"1"],
        ["float32", [1.0], b"1234"],
        ["float32", [True], b"1234"],
        ["float32", [1] * 33, b"1234"],
        ["object", [1], b"12345678"],
        ["float32", [1], "1234"],
        ["float32", [1]],
        None,
        5,
    ],
    ids=repr,
)
def test_contents_that_are_refused(content):
    with pytest.raises(ProtocolError):
        tensor_from_bytes(content)


@pytest.mark.parametrize(
    "change",
    [
        [99, None, None, None, False],
        [1, ["float32", [1], b"12"], None, None, False],
        [1, None, None, ["float32", [3], b"\0" * 12], False],
        [1, None, None, ["int64", [2], b"\0" * 16], False],
    ],
    ids=["unknown number", "contents", "shape of the gradient", "dtype of the gradient"],
)
def test_changes_that_are_refused(change):
    table = TensorTable(first_number=0, weak=True)
    tensor = torch.ones(2, requires_grad=True)
    table.adopt(1, tensor)
    with pytest.raises(ProtocolError):
        table.apply(change)


def test_releasing_what_was_never_shared_changes_nothing():
    table = TensorTable(first_number=0, weak=True)
    tensor = torch.ones(1)
    number = table.share(tensor).number
    table.release([77, "x", None, [number], -1])
    assert table.find(tensor).number == number
