"""Iterators and generators of the student's code."""

import pytest

from tests.contract.students import InProcess, Remote

Student = InProcess | Remote

SOURCE = """
steps = []
class Bag:
    def __init__(self, *items):
        self.items = items
    def __iter__(self):
        return iter(self.items)
    def parameters(self):
        for item in self.items:
            yield torch.full((2,), float(item), requires_grad=True)
def count(n):
    for i in range(n):
        steps.append(i)
        yield i
def fails_at(n):
    yield from range(n)
    raise ValueError("at the end")
def seen():
    return len(steps)
def first_two(things):
    things = iter(things)
    return [next(things), next(things)]
def pairs():
    return zip([1, 2], "ab")
"""


def test_objects_are_iterated(student: Student):
    bag = student(SOURCE).Bag(1, 2, 3)
    assert list(bag) == [1, 2, 3]
    assert list(zip(bag, bag, strict=True))[2] == (3, 3)
    assert 2 in bag
    assert 9 not in bag


def test_generators_are_lazy_and_end(student: Student):
    demo = student(SOURCE)
    numbers = demo.count(3)
    assert demo.seen() == 0
    assert next(numbers) == 0
    assert demo.seen() == 1
    assert list(numbers) == [1, 2]
    assert list(numbers) == []
    with pytest.raises(StopIteration):
        next(numbers)


def test_generators_yield_tensors(student: Student):
    parameters = list(student(SOURCE).Bag(1, 2).parameters())
    assert [p.tolist() for p in parameters] == [[1.0, 1.0], [2.0, 2.0]]
    assert all(p.requires_grad and p.is_leaf for p in parameters)


def test_an_error_within_a_generator(student: Student):
    numbers = student(SOURCE).fails_at(2)
    assert [next(numbers), next(numbers)] == [0, 1]
    with pytest.raises(ValueError, match="at the end"):
        next(numbers)


def test_a_generator_is_passed_back(student: Student):
    demo = student(SOURCE)
    numbers = demo.count(5)
    assert demo.first_two(numbers) == [0, 1]
    assert next(numbers) == 2


def test_builtin_iterators(student: Student):
    assert list(student(SOURCE).pairs()) == [(1, "a"), (2, "b")]


def test_a_generator_of_the_test_is_read_lazily(student: Student):
    taken = []

    def numbers():
        for i in range(10):
            taken.append(i)
            yield i

    assert student(SOURCE).first_two(numbers()) == [0, 1]
    assert taken == [0, 1]
