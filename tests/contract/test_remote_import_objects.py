"""Classes, instances, attributes and calls of the student's code, from a test's point of view."""

import copy

import pytest
import torch

from tests.contract.students import InProcess, Remote

Student = InProcess | Remote

SOURCE = """
class Base:
    kind = "base"
    def __init__(self, size, *, scale=1.0):
        self.size, self.scale = size, scale
        self.W = torch.ones(size, requires_grad=True)
        self.parts = [self.W, self.W * 2]
        self.options = {"scale": scale}
        self.made = None
    def __call__(self, x):
        return self.forward(x)
    def forward(self, x):
        raise NotImplementedError("no forward pass yet")
    @property
    def double(self):
        return 2 * self.size
    @classmethod
    def named(cls, name):
        return name.upper()
    @staticmethod
    def add(a, b=0):
        return a + b

class Layer(Base):
    def forward(self, x):
        return x * self.W
    def make(self):
        self.made = Layer(3)
        return self.made
    def itself(self):
        return self
    def __len__(self):
        return self.size
    def __getitem__(self, index):
        return index * 10

class Stack:
    def __init__(self, *layers):
        self.layers = list(layers)

def describe(value, *rest, **options):
    return [repr(value), len(rest), sorted(options)]

def is_layer(value):
    return isinstance(value, Layer)

LIMIT = 7
"""


def test_classes_have_their_names_and_bases(student: Student):
    demo = student(SOURCE)
    assert (demo.Layer.__name__, demo.Layer.__qualname__, demo.Layer.__module__) == ("Layer", "Layer", "demo")
    assert issubclass(demo.Layer, demo.Base)
    assert not issubclass(demo.Stack, demo.Base)
    assert isinstance(demo.Layer, type)


def test_instances_have_their_class(student: Student):
    demo = student(SOURCE)
    layer = demo.Layer(2)
    assert type(layer) is demo.Layer
    assert isinstance(layer, demo.Base)
    assert not isinstance(layer, demo.Stack)


def test_attributes_are_read(student: Student):
    demo = student(SOURCE)
    layer = demo.Layer(2, scale=0.5)
    assert (layer.size, layer.scale, layer.double, layer.kind, demo.Layer.kind) == (2, 0.5, 4, "base", "base")
    assert layer.options == {"scale": 0.5}
    assert layer.made is None
    assert demo.LIMIT == 7


def test_attributes_are_set_and_deleted(student: Student):
    layer = student(SOURCE)
    layer = layer.Layer(2)
    layer.scale = 3.0
    layer.note = ("new", 1)
    assert (layer.scale, layer.note) == (3.0, ("new", 1))
    del layer.note
    assert not hasattr(layer, "note")


def test_missing_attributes_are_attribute_errors(student: Student):
    layer = student(SOURCE).Layer(2)
    with pytest.raises(AttributeError, match="absent"):
        _ = layer.absent
    assert getattr(layer, "absent", 5) == 5


def test_one_object_stays_one_object(student: Student):
    demo = student(SOURCE)
    layer = demo.Layer(2)
    assert layer.W is layer.W
    assert layer.parts[0] is layer.W
    assert layer.itself() is layer
    assert layer.make() is layer.made
    stack = demo.Stack(layer, demo.Layer(3))
    assert stack.layers[0] is layer
    assert stack.layers[1] is not layer


def test_data_is_assigned(student: Student):
    layer = student(SOURCE).Layer(2)
    W = layer.W
    layer.W.data = torch.tensor([3.0, 4.0])
    assert layer(torch.ones(2)).tolist() == [3.0, 4.0]
    assert layer.W is W
    layer.W.data = torch.zeros(3)  # of another shape too
    assert layer(torch.ones(3)).tolist() == [0.0, 0.0, 0.0]


def test_tensors_are_changed_in_place(student: Student):
    layer = student(SOURCE).Layer(2)
    with torch.no_grad():
        layer.W.mul_(5)
        layer.W[0] = 7
    assert layer(torch.ones(2)).tolist() == [7.0, 5.0]


def test_a_tensor_attribute_is_replaced(student: Student):
    layer = student(SOURCE).Layer(2)
    mine = torch.tensor([2.0, 3.0])
    layer.W = mine
    assert layer.W is mine
    assert layer(torch.ones(2)).tolist() == [2.0, 3.0]


def test_requires_grad_is_switched(student: Student):
    layer = student(SOURCE).Layer(2)
    layer.W.requires_grad_(False)
    assert not layer(torch.ones(2)).requires_grad
    layer.W.requires_grad_()
    assert layer(torch.ones(2)).requires_grad


def test_gradients_are_read_set_and_cleared(student: Student):
    layer = student(SOURCE).Layer(2)
    assert layer.W.grad is None
    layer(torch.tensor([1.0, 2.0])).sum().backward()
    assert layer.W.grad.tolist() == [1.0, 2.0]
    layer(torch.tensor([1.0, 2.0])).sum().backward()
    assert layer.W.grad.tolist() == [2.0, 4.0]
    layer.W.grad = torch.tensor([5.0, 5.0])
    layer(torch.tensor([1.0, 2.0])).sum().backward()
    assert layer.W.grad.tolist() == [6.0, 7.0]
    layer.W.grad = None
    layer(torch.tensor([1.0, 2.0])).sum().backward()
    assert layer.W.grad.tolist() == [1.0, 2.0]


def test_calls_take_positional_and_keyword_arguments(student: Student):
    demo = student(SOURCE)
    assert demo.describe([1, (2,)], 3, 4, b=1, a=None) == ["[1, (2,)]", 2, ["a", "b"]]
    assert demo.Layer(size=2, scale=0.5).scale == 0.5
    with pytest.raises(TypeError, match="size"):
        demo.Layer()
    with pytest.raises(TypeError, match="unexpected"):
        demo.Layer(1, colour="red")


def test_bound_class_and_static_methods(student: Student):
    demo = student(SOURCE)
    layer = demo.Layer(2)
    forward = layer.forward
    assert forward(torch.ones(2)).tolist() == [1.0, 1.0]
    assert demo.Base.named("me") == layer.named("you me")[4:]
    assert demo.Layer.add(1, b=2) == 3
    assert demo.Layer.forward(layer, torch.ones(2)).tolist() == [1.0, 1.0]


def test_length_and_items(student: Student):
    layer = student(SOURCE).Layer(4)
    assert len(layer) == 4
    assert layer[3] == 30


def test_objects_and_classes_are_passed(student: Student):
    demo = student(SOURCE)
    assert demo.is_layer(demo.Layer(1))
    assert not demo.is_layer(demo.Base(1))
    assert not demo.is_layer(demo.Layer)
    assert demo.describe(demo.Layer)[0] == "<class 'demo.Layer'>"


def test_deep_copies_are_made_on_the_students_side(student: Student):
    demo = student(SOURCE)
    stack = demo.Stack(demo.Stack(1))
    twin = copy.deepcopy(stack)
    assert type(twin) is demo.Stack
    assert twin is not stack
    assert twin.layers[0] is not stack.layers[0]
    assert copy.copy(stack).layers[0] is stack.layers[0]


def test_equality_is_identity(student: Student):
    demo = student(SOURCE)
    one, other = demo.Layer(2), demo.Layer(2)
    assert one == one
    assert one != other
    assert len({one, other, one}) == 2
