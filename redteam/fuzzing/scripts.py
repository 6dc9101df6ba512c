"""What the trusted side does with a hand-in while the fuzzer answers for it: the ways of our own tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils.data import DataLoader, TensorDataset

Script = Callable[[Any], object]


def forward_and_backward(nn: Any) -> object:
    layer = nn.Linear(2, 3)
    x = torch.ones(4, 2, requires_grad=True)
    y = layer(x)
    y.sum().backward()
    return [x.grad, layer.W.grad, layer.b.grad, [p.grad for p in layer.parameters()], repr(layer)]


def graph_of_both_sides(nn: Any) -> object:
    first, second = nn.Linear(2, 2), nn.Linear(2, 1)
    x = torch.ones(2, 2, requires_grad=True)
    hidden = first.forward(x * 2).relu()
    loss = nn.mse_loss(second.forward(hidden), torch.zeros(2, 1))
    loss.backward(retain_graph=True)
    loss.backward()
    return torch.autograd.grad(nn.echo(x * 3).sum(), [x])


def training(nn: Any) -> object:
    layer = nn.Linear(2, 1)
    optimizer = nn.SGD(layer.parameters(), 0.1)
    batches = [(torch.ones(2, 2), torch.zeros(2, 1)), (torch.zeros(1, 2), torch.ones(1, 1))]
    losses = nn.train_one_epoch(layer, batches, nn.mse_loss, optimizer)
    before = layer.W.detach().clone()
    layer.W.data.add_(1.0)
    layer.W.grad = torch.ones(2, 1)
    optimizer.step()
    return [losses, torch.equal(layer.W, before)]


class Doubling:
    """A loader, loss and optimizer of the test's own, which the hand-in calls back."""

    lr = 0.5

    def __iter__(self) -> Any:
        return iter([(torch.ones(1, 2), torch.zeros(1, 1))])

    def __len__(self) -> int:
        return 1

    def __call__(self, prediction: Any, target: Any) -> Any:
        return (prediction * 2 - target).sum()

    def __getitem__(self, index: Any) -> Any:
        return [1.0, 2.0][index]

    def step(self) -> None:
        pass

    def zero_grad(self) -> None:
        raise KeyError("the test's own error")


def callbacks(nn: Any) -> object:
    own = Doubling()
    model = nn.Linear(2, 1)
    return [nn.echo(own) is own, nn.train_one_epoch(model, own, own, nn.SGD(model.parameters(), 0.1))]


def errors_of_the_test(nn: Any) -> object:
    try:
        nn.train_one_epoch(nn.Linear(2, 1), Doubling(), Doubling(), Doubling())
    except KeyError:
        return nn.echo(1)
    return None


def subclass(nn: Any) -> object:
    class Recording(nn.Linear):  # type: ignore[misc,name-defined]
        def forward(self, x: Any) -> Any:
            self.calls = getattr(self, "calls", 0) + 1
            return super().forward(x) * 2

    layer = Recording(2, 2)
    out = layer(torch.ones(1, 2, requires_grad=True))
    out.sum().backward()
    return [out, layer.calls, layer.W.grad]


def iteration(nn: Any) -> object:
    batches = nn.Batches(2)
    return [len(batches), batches[1], [(x.sum().item(), i) for x, i in batches], nn.echo(iter([1, 2]))]


def attributes(nn: Any) -> object:
    layer = nn.Linear(1, 2)
    layer.W = torch.full((1, 2), 0.5)
    layer.extra = [1, (2.0, "x")]
    notes = [layer.notes["sizes"], layer.W, layer.extra]
    del layer.extra
    return [notes, layer.forward, nn.Linear.__name__, isinstance(layer, nn.Module)]


def values(nn: Any) -> object:
    found = nn.various()
    return [found, nn.echo(found[0], found[1]), nn.echo({"k": (1, 2**80)}, torch.float32, slice(1), ...)]


def changes_in_place(nn: Any) -> object:
    x, y = torch.zeros(3), torch.ones(2, requires_grad=True)
    nn.fill(x)
    nn.own_backward(y)
    nn.own_backward(y * 2)
    return [x.sum(), y.grad, nn.echo(x) is x]


def failures(nn: Any) -> object:
    seen = []
    for kind in ("value", "os", "exit", "none"):
        try:
            nn.fail(kind)
        except Exception as error:
            seen.append((type(error), str(error), error.remote_frames))  # type: ignore[attr-defined]
    return seen


def loader(nn: Any) -> object:
    data = DataLoader(TensorDataset(torch.ones(4, 2), torch.zeros(4, 1)), batch_size=2)
    model = nn.Linear(2, 1)
    return nn.train_one_epoch(model, data, nn.mse_loss, nn.SGD(model.parameters(), 0.1))


SCRIPTS: tuple[Script, ...] = (
    forward_and_backward,
    graph_of_both_sides,
    training,
    callbacks,
    errors_of_the_test,
    subclass,
    iteration,
    attributes,
    values,
    changes_in_place,
    failures,
    loader,
)
