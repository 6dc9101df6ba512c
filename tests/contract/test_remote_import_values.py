"""What crosses between a test and the student's code, and what a test is told about the rest."""

import datetime
import math
import pickle
import threading

import numpy
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset

from grader.remote.wire.codec import CannotCross
from tests.contract.students import InProcess, Remote

Student = InProcess | Remote

SOURCE = """
def same(value):
    return value
def kind(value):
    return type(value).__name__
def call(function, *args):
    return function(*args)
def batches(loader):
    return [[part.tolist() for part in batch] for batch in loader]
class Holder:
    def __init__(self):
        self.items = [1, 2]
        self.table = {"a": 1}
    def total(self):
        return sum(self.items) + sum(self.table.values())
def returns_function():
    return same
def returns_sparse():
    return torch.eye(3).to_sparse()
def returns_numpy():
    return numpy.float64(0.5), numpy.int64(3), numpy.arange(3)
def adds_one(x):
    x += 1
    return x
def add_one_to_data(x):
    x.data += 1
def argmax(x):
    return torch.max(x, dim=1)
"""

VALUES = [
    None,
    True,
    0,
    -1,
    2**63,
    2**64,
    -(2**200),
    0.1,
    -0.0,
    math.inf,
    "",
    "σ ≠ ς",
    b"\x00\xff",
    [],
    [1, [2, [3]]],
    (),
    (1, (2, [3])),
    {},
    {"a": {"b": (1, 2)}, 3: None, (1, 2): "t"},
    {1, 2},
    slice(1, None, 2),
    ...,
    torch.float32,
    torch.int64,
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_plain_values(student: Student, value: object):
    back = student(SOURCE).same(value)
    assert type(back) is type(value)
    assert back == value


def test_nan(student: Student):
    assert math.isnan(student(SOURCE).same(math.nan))


@pytest.mark.parametrize(
    "dtype",
    [
        torch.float32,
        torch.float64,
        torch.float16,
        torch.bfloat16,
        torch.int32,
        torch.int64,
        torch.uint8,
        torch.bool,
    ],
    ids=str,
)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 1)], ids=str)
def test_tensors(remote: Remote, dtype: torch.dtype, shape: tuple[int, ...]):
    sent = torch.ones(shape).to(dtype)
    got = remote(SOURCE).call(torch.clone, sent)
    assert (got.dtype, got.shape) == (dtype, sent.shape)
    assert torch.equal(got, sent)


def test_views_cross_as_what_they_show(student: Student):
    x = torch.arange(6.0).reshape(2, 3)
    demo = student(SOURCE)
    assert demo.same(x.T).tolist() == x.T.tolist()
    assert demo.same(x[:, 1]).tolist() == [1.0, 4.0]
    assert demo.same(torch.ones(1).expand(3)).tolist() == [1.0, 1.0, 1.0]


def test_a_passed_tensor_comes_back_as_itself(student: Student):
    x = torch.ones(2)
    assert student(SOURCE).same(x) is x


def test_in_place_changes_of_passed_tensors_are_seen(student: Student):
    demo = student(SOURCE)
    x = torch.ones(2)
    assert demo.adds_one(x) is x
    assert x.tolist() == [2.0, 2.0]
    demo.add_one_to_data(x)
    assert x.tolist() == [3.0, 3.0]


def test_numpy_values_cross(student: Student):
    demo = student(SOURCE)
    assert demo.same(numpy.float64(0.25)) == 0.25
    half, three, row = demo.returns_numpy()
    assert (half, three, row.tolist()) == (0.5, 3, [0, 1, 2])
    array = numpy.arange(6.0).reshape(2, 3).T
    back = demo.same(array)
    assert isinstance(back, numpy.ndarray)
    assert (back.dtype, back.tolist()) == (array.dtype, array.tolist())


def test_named_tuples_of_torch_cross_as_tuples(student: Student):
    values, indices = student(SOURCE).argmax(torch.tensor([[1.0, 3.0, 2.0]]))
    assert (values.tolist(), indices.tolist()) == ([3.0], [1])


def test_library_functions_cross_by_name(student: Student):
    demo = student(SOURCE)
    assert demo.call(torch.relu, torch.tensor([-1.0, 1.0])).tolist() == [0.0, 1.0]
    assert demo.call(math.sqrt, 4) == 2
    assert demo.call(len, [1, 2]) == 2
    assert demo.kind(torch.relu) == "builtin_function_or_method"


def test_the_students_functions_can_be_passed_back(student: Student):
    demo = student(SOURCE)
    assert demo.call(demo.kind, 1) == "int"
    assert demo.call(demo.returns_function(), 5) == 5


def test_a_data_loader_over_tensors_crosses(student: Student):
    data = TensorDataset(torch.arange(5.0), torch.arange(5))
    got = student(SOURCE).batches(DataLoader(data, batch_size=2))
    assert got == [[[0.0, 1.0], [0, 1]], [[2.0, 3.0], [2, 3]], [[4.0], [4]]]
    assert len(student(SOURCE).batches(DataLoader(data, batch_size=2, drop_last=True))) == 2
    shuffled = student(SOURCE).batches(DataLoader(data, batch_size=5, shuffle=True))
    assert sorted(shuffled[0][1]) == [0, 1, 2, 3, 4]


def test_copied_lists_say_what_to_do_instead(remote: Remote):
    holder = remote(SOURCE).Holder()
    with pytest.raises(CannotCross, match="Assign a new one"):
        holder.items.append(3)
    with pytest.raises(CannotCross, match="Assign a new one"):
        holder.table["b"] = 2
    holder.items = [*holder.items, 3]
    holder.table = {**holder.table, "b": 2}
    assert holder.total() == 9


class Squares(Dataset):
    def __getitem__(self, index):
        return index**2


UNABLE = {
    "thread": (threading.Lock, "pass plain values"),
    "date": (lambda: datetime.date(2026, 1, 1), "pass plain values"),
    "sparse tensor": (lambda: torch.eye(2).to_sparse(), "use a dense CPU tensor"),
    "complex tensor": (lambda: torch.ones(2, dtype=torch.complex64), "use a dense CPU tensor"),
    "meta tensor": (lambda: torch.ones(2, device="meta"), "use a dense CPU tensor"),
    "text array": (lambda: numpy.array(["a"]), "pass plain values"),
    "generator": (lambda: torch.Generator(), "pass plain values"),
    "other loader": (lambda: DataLoader(Squares()), "or pass a list of batches"),
    "layer of torch": (lambda: torch.nn.Linear(1, 1), "pass plain values"),
    "huge integer": (lambda: 1 << 100_000, "an integer this large"),
    "lone surrogate": (lambda: "\ud800", "can't cross"),
}


@pytest.mark.parametrize("name", UNABLE)
def test_what_cannot_cross_says_what_to_write_instead(remote: Remote, name: str):
    make, advice = UNABLE[name]
    demo = remote(SOURCE)
    with pytest.raises(CannotCross, match=advice):
        demo.same(make())
    assert demo.same(1) == 1  # the session goes on


def test_a_class_of_the_test_cannot_cross(remote: Remote):
    demo = remote(SOURCE)

    class Mine(demo.Holder):
        pass

    with pytest.raises(CannotCross, match="pass an instance of it"):
        demo.same(Mine)


def test_a_result_that_cannot_cross_is_a_type_error(remote: Remote):
    with pytest.raises(TypeError, match="use a dense CPU tensor"):
        remote(SOURCE).returns_sparse()


def test_classes_are_not_changed_and_objects_not_pickled(remote: Remote):
    demo = remote(SOURCE)
    with pytest.raises(CannotCross, match="define a subclass"):
        demo.Holder.total = lambda self: 0
    with pytest.raises(CannotCross, match="can't be pickled"):
        pickle.dumps(demo.Holder())


def test_objects_belong_to_one_session(remote: Remote):
    holder = remote(SOURCE).Holder()
    remote.open()
    with pytest.raises(CannotCross, match="construct a new one"):
        remote.host.package.resolve("demo", "same")(holder)
