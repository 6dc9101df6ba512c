"""Autograd through layers, models and loops of which the test has written a part."""

import pytest
import torch

from tests.contract.autograd_students import SOURCE, B, Student, W, leaf


def test_through_layers_of_the_test(student: Student):
    demo = student(SOURCE)

    class Scale(demo.Module):
        def __init__(self):
            super().__init__()
            self.factor = leaf(3.0)

        def forward(self, x):
            return x * self.factor

        def parameters(self):
            return [self.factor]

    scale = Scale()
    net = demo.Sequential(demo.Linear(W, B), scale, demo.Linear(W, B))
    x = torch.ones(4, 2, requires_grad=True)
    net(x).sum().backward()
    first = torch.ones(4, 2) @ torch.tensor(W) + torch.tensor(B)
    upstream = torch.ones(4, 2) @ torch.tensor(W).T
    assert torch.allclose(scale.factor.grad, (upstream * first).sum().reshape(1))
    assert torch.allclose(x.grad, 3 * upstream @ torch.tensor(W).T)
    assert [p is scale.factor for p in net.parameters()] == [False, False, True, False, False]
    assert all(p.grad is not None for p in net.parameters())


def test_in_place_within_a_layer_of_the_test(student: Student):
    demo = student(SOURCE)

    class InPlace(demo.Module):
        def forward(self, x):
            x.clamp_(min=0)
            return x

    layer = demo.Linear([[1.0, -1.0]], [0.0, 0.0])
    demo.Sequential(layer, InPlace())(torch.tensor([[2.0]])).sum().backward()
    assert layer.W.grad.tolist() == [[2.0, 0.0]]


def test_a_layer_of_the_test_comes_last(student: Student):
    demo = student(SOURCE)

    class Double(demo.Module):
        def forward(self, x):
            return 2 * x

    layer = demo.Linear(W, B)
    x = leaf(1.0, 2.0)
    demo.Sequential(layer, Double(), Double())(x).sum().backward()
    assert layer.b.grad.tolist() == [4.0, 4.0]
    assert torch.allclose(x.grad, 4 * torch.tensor(W).sum(1))


@pytest.mark.parametrize("last", [False, True])
def test_super_forward_between_layers(student: Student, last: bool):
    demo = student(SOURCE)

    class Same(demo.Linear):
        def forward(self, x):
            return super().forward(x)

    first, second = demo.Linear(W, B), Same(W, B)
    net = demo.Sequential(first, second) if last else demo.Sequential(first, second, demo.Linear(W, B))
    x = leaf(1.0, 2.0)
    net(x * 1).sum().backward()
    V = torch.tensor(W)
    upstream = torch.ones(2) if last else V @ torch.ones(2)
    assert torch.allclose(second.b.grad, upstream)
    assert torch.allclose(first.b.grad, V @ upstream)
    assert torch.allclose(x.grad, V @ V @ upstream)


def test_a_non_leaf_goes_through_the_student_to_a_layer_of_the_test(student: Student):
    demo = student(SOURCE)

    class Double(demo.Module):
        def forward(self, x):
            return 2 * x

    class Pass(demo.Module):
        def forward(self, x):
            return x

    x = leaf(1.0, 2.0)
    hidden = x * 5
    net = demo.Sequential(Pass(), Double(), demo.Linear(W, B), Pass())
    (net(hidden).sum() + hidden.sum()).backward()
    assert torch.allclose(x.grad, 10 * torch.tensor(W).sum(1) + 5)


def test_a_result_is_handed_through_and_used_again(student: Student):
    demo = student(SOURCE)
    layer = demo.Linear(W, B)
    y = layer(leaf(1.0, 2.0))
    same = demo.Sequential()(y)
    assert same is y
    (demo.square(y).sum() + same.sum()).backward()
    assert torch.allclose(layer.b.grad, 2 * y.detach() + 1)


def regression():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(50, 2, generator=generator)
    return x, x @ torch.tensor([[2.0], [-1.0]])


def test_the_students_loop_on_the_tests_model(student: Student):
    demo = student(SOURCE)

    class Model(demo.Module):
        def __init__(self):
            self.w = torch.zeros(2, 1, requires_grad=True)

        def forward(self, x):
            return x @ self.w

        def parameters(self):
            return [self.w]

    model = Model()
    w = model.w
    losses = demo.train(model, demo.SGD(model.parameters(), 0.3), *regression(), 60)
    assert losses[-1] < 1e-3 < losses[0]
    assert model.w is w
    assert torch.allclose(w, torch.tensor([[2.0], [-1.0]]), atol=0.05)


def test_the_tests_loop_on_the_students_model(student: Student):
    demo = student(SOURCE)
    model = demo.Sequential(demo.Linear(W, B), demo.Linear([[1.0], [1.0]], [0.0]))
    x, y = regression()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(200):
        loss = demo.mse(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 1e-3
    assert torch.allclose(model(x), y, atol=0.2)


def test_the_students_optimizer_on_the_tests_leaf(student: Student):
    w = leaf(11.0)
    optimizer = student(SOURCE).SGD([w], 0.25)
    for _ in range(3):
        loss = ((w - 3) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert w.tolist() == [4.0]
    assert w.is_leaf and w.requires_grad
