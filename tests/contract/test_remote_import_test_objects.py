"""What a test defines and passes: subclasses of the student's classes, and objects of its own."""

import pytest
import torch

from tests.contract.students import InProcess, Remote

Student = InProcess | Remote

SOURCE = """
class Module:
    def __init__(self, scale=1.0):
        self.scale = scale
        self.calls = 0
    def __call__(self, *args, **kwargs):
        self.calls += 1
        return self.forward(*args, **kwargs)
    def forward(self, x, *, offset=0.0):
        return x * self.scale + offset
    def parameters(self):
        return []
    def twice(self, x):
        return self.forward(self.forward(x))
    def named(self, name):
        return type(self).__name__ + name
class Deeper(Module):
    def forward(self, x):
        return super().forward(x) + 100
class Sequential(Module):
    def __init__(self, *layers):
        super().__init__()
        self.layers = list(layers)
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]
def call(function, *args, **kwargs):
    return function(*args, **kwargs)
def isa(value, cls):
    return isinstance(value, cls)
def fit(model, loader, optimizer, loss_fn):
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total
def use(thing):
    return [thing.colour, len(thing), thing[3], list(thing), thing.paint("red", coats=2), 2 in thing]
def secret(thing):
    return thing._secret
def same(a, b):
    return a is b
"""


def test_a_subclass_inherits(student: Student):
    demo = student(SOURCE)

    class Plain(demo.Module):
        pass

    plain = Plain(3.0)
    assert plain(torch.ones(1)).tolist() == [3.0]
    assert plain.scale == 3.0
    assert plain.named("!") == "Plain!"
    assert isinstance(plain, demo.Module)
    assert demo.isa(plain, demo.Module)


def test_overridden_methods_are_called_back(student: Student):
    demo = student(SOURCE)

    class AddOne(demo.Module):
        def forward(self, x):
            return x + 1

    assert AddOne().twice(torch.zeros(1)).tolist() == [2.0]
    assert demo.Sequential(AddOne(), AddOne(), AddOne())(torch.zeros(1)).tolist() == [3.0]


def test_super_reaches_the_students_methods(student: Student):
    demo = student(SOURCE)

    class More(demo.Deeper):
        def __init__(self, scale):
            super().__init__(scale=scale)
            self.seen = []

        def forward(self, x):
            self.seen.append(x.tolist())
            return super().forward(x) + 1000

    more = More(2.0)
    assert more(torch.ones(1)).tolist() == [1102.0]
    assert more.seen == [[1.0]]
    assert more.calls == 1


def test_a_subclass_of_a_subclass(student: Student):
    demo = student(SOURCE)

    class First(demo.Module):
        def forward(self, x):
            return super().forward(x) + 1

    class Second(First):
        def forward(self, x):
            return super().forward(x) * 10

    second = Second(2.0)
    assert second(torch.ones(1)).tolist() == [30.0]
    assert demo.Sequential(second)(torch.ones(1)).tolist() == [30.0]
    assert isinstance(second, First)


def test_keyword_arguments_reach_the_override(student: Student):
    demo = student(SOURCE)

    class Keyed(demo.Module):
        def forward(self, x, *, offset=0.0):
            return x + offset

    assert demo.call(Keyed(), torch.zeros(1), offset=4.0).tolist() == [4.0]


def test_attributes_of_a_subclass_are_known_on_both_sides(student: Student):
    demo = student(SOURCE)

    class Holder(demo.Module):
        def __init__(self):
            super().__init__()
            self.scale = 5.0
            self.own = object()  # nothing that the student's code could use

    holder = Holder()
    assert holder(torch.ones(1)).tolist() == [5.0]
    holder.scale = 6.0
    assert demo.Sequential(holder)(torch.ones(1)).tolist() == [6.0]
    assert holder.own is holder.own


def test_instances_of_a_subclass_keep_their_identity(student: Student):
    demo = student(SOURCE)

    class Mine(demo.Module):
        pass

    mine = Mine()
    net = demo.Sequential(mine, demo.Sequential(mine))
    assert net.layers[0] is mine
    assert net.layers[1].layers[0] is mine


def test_errors_of_an_override_come_through(student: Student):
    demo = student(SOURCE)

    class Fails(demo.Module):
        def forward(self, x):
            raise LookupError("in the test's layer")

    with pytest.raises(LookupError, match="in the test's layer"):
        demo.Sequential(Fails())(torch.ones(1))


class Recorder:
    """An optimizer and a loss of the test's own, which write down what happens."""

    def __init__(self):
        self.events = []

    def zero_grad(self):
        self.events.append("zero_grad")

    def step(self):
        self.events.append("step")

    def __call__(self, output, target):
        self.events.append("loss")
        return ((output - target) ** 2).mean()


def test_recording_optimizer_and_loss_and_a_loader_of_any_kind(student: Student):
    demo = student(SOURCE)
    batch = (torch.ones(2, 1, requires_grad=True), torch.zeros(2, 1))
    for loader in ([batch] * 2, iter([batch] * 2), (batch for _ in range(2))):
        recorder = Recorder()
        assert demo.fit(demo.Module(3.0), loader, recorder, recorder) == 36.0
        assert recorder.events == ["zero_grad", "loss", "step"] * 2


def test_functions_and_bound_methods_are_called(student: Student):
    demo = student(SOURCE)
    recorder = Recorder()
    assert demo.call(lambda a, b=1: a + b, 2, b=5) == 7
    demo.call(recorder.step)
    assert recorder.events == ["step"]


class Thing:
    colour = "blue"
    _secret = "expected values"

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return index * 2

    def __iter__(self):
        return iter([1, 2])

    def paint(self, colour, *, coats):
        return f"{colour} {coats}"


def test_attributes_items_and_methods_of_a_plain_object(student: Student):
    assert student(SOURCE).use(Thing()) == ["blue", 4, 6, [1, 2], "red 2", True]


def test_a_plain_object_stays_one_object(student: Student):
    demo = student(SOURCE)
    thing = Thing()
    assert demo.same(thing, thing)
    assert demo.call(lambda value: value, thing) is thing


def test_private_attributes_do_not_cross(remote: Remote):
    with pytest.raises(AttributeError):
        remote(SOURCE).secret(Thing())
