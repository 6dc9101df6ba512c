"""Thousands of calls leave a bounded number of shared tensors and objects on both sides."""

import torch

from grader.remote.importing.deadlines import SessionLimits
from tests.contract.students import Remote

CALLS = 3_000
FEW = 20
LIMITS = SessionLimits(cpu_s=120.0, wall_s=600.0, output_bytes=1000)

SOURCE = """
import gc
class Layer:
    def __init__(self):
        self.W = torch.ones(3, requires_grad=True)
    def __call__(self, x):
        return x * self.W
class Thing:
    pass
def make():
    return [Thing(), Thing()]
def call(function, x):
    return function(x)
def array(x):
    return x * 2
def held():
    session = next(o for o in gc.get_objects() if type(o).__name__ == "HostSession")
    tensors, objects = session.tensors, session._objects
    return [len(tensors._by_number), len(tensors._number_by_id), len(objects._objects)]
"""


def held(remote: Remote, demo) -> list[int]:
    tensors = remote.session.tensors
    here = [len(tensors._by_number), len(tensors._number_by_id), len(remote.session.test_objects)]
    return [*demo.held(), *here]


def test_tensors_and_graphs(remote: Remote):
    demo = remote(SOURCE, LIMITS)
    layer = demo.Layer()
    for _ in range(CALLS):
        x = torch.ones(3, requires_grad=True)
        layer(x * 2).sum().backward()
    assert layer.W.grad.tolist() == [2.0 * CALLS] * 3
    assert max(held(remote, demo)) < FEW


def test_objects(remote: Remote):
    demo = remote(SOURCE, LIMITS)
    for _ in range(CALLS):
        demo.make()
    assert max(held(remote, demo)) < FEW


def test_objects_and_layers_of_the_test(remote: Remote):
    demo = remote(SOURCE, LIMITS)
    for _ in range(CALLS):
        demo.call(lambda x: x * 2, torch.ones(2, requires_grad=True) * 1).sum().backward()
    assert max(held(remote, demo)) < FEW


def test_arrays(remote: Remote):
    demo = remote(SOURCE, LIMITS)
    for _ in range(CALLS):
        demo.array(torch.ones(2).numpy())
    assert max(held(remote, demo)) < FEW
