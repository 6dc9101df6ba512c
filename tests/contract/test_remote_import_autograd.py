"""Autograd across the boundary: gradients reach the same tensors as they would in one process."""

import pytest
import torch

from tests.contract.students import InProcess, Remote

Student = InProcess | Remote

SOURCE = """
class Module:
    def __call__(self, *inputs):
        return self.forward(*inputs)
    def parameters(self):
        return []

class Linear(Module):
    def __init__(self, W, b):
        self.W = torch.tensor(W, requires_grad=True)
        self.b = torch.tensor(b, requires_grad=True)
    def forward(self, x):
        return x @ self.W + self.b
    def parameters(self):
        return [self.W, self.b]

class Sequential(Module):
    def __init__(self, *layers):
        self.layers = list(layers)
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]

class SGD:
    def __init__(self, params, lr):
        self.params, self.lr = list(params), lr
    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()
    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is not None:
                    p -= self.lr * p.grad

def square(x):
    return x * x
def two(x):
    return x * 2, x * 3
def mse(x, y):
    return ((x - y) ** 2).mean()
def relu_in_place(x):
    x[x < 0] = 0
    return x
def doubled_in_place(x):
    x *= 2
def backward(loss):
    loss.backward()
def without_grad(x):
    with torch.no_grad():
        return x * 2
def detached(x):
    return (x * 2).detach()
def whether_enabled():
    return torch.is_grad_enabled()
def train(model, optimizer, x, y, steps):
    losses = []
    for _ in range(steps):
        loss = mse(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
"""

W, B = [[1.0, -2.0], [0.5, 3.0]], [0.1, -0.2]


def leaf(*values):
    return torch.tensor(values, requires_grad=True)


def test_gradients_of_a_passed_leaf(student: Student):
    x = leaf(1.0, -3.0)
    y = student(SOURCE).square(x)
    assert y.requires_grad and not y.is_leaf
    y.sum().backward()
    assert x.grad.tolist() == [2.0, -6.0]


def test_gradients_of_the_students_parameters(student: Student):
    layer = student(SOURCE).Linear(W, B)
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    layer(x).sum().backward()
    assert layer.W.grad.tolist() == [[4.0, 4.0], [6.0, 6.0]]
    assert layer.b.grad.tolist() == [2.0, 2.0]


def test_gradients_flow_through_a_non_leaf_argument(student: Student):
    x = leaf(1.0, 2.0)
    student(SOURCE).square(x * 3).sum().backward()
    assert x.grad.tolist() == [18.0, 36.0]


def test_results_of_results(student: Student):
    demo = student(SOURCE)
    x = leaf(2.0)
    y = demo.square(x)
    z = demo.square(y) + y
    z.sum().backward()
    assert x.grad.tolist() == [4 * 8.0 + 4.0]


def test_several_results_of_one_call(student: Student):
    x = leaf(1.0)
    double, triple = student(SOURCE).two(x)
    (double + 10 * triple).sum().backward()
    assert x.grad.tolist() == [32.0]


def test_one_leaf_used_on_both_sides(student: Student):
    layer = student(SOURCE).Linear(W, B)
    x = torch.ones(1, 2)
    (layer(x).sum() + (layer.W**2).sum() / 2).backward()
    assert torch.equal(layer.W.grad, 1 + layer.W.detach())


def test_a_gradient_of_ones_own_survives_the_tests_letting_go(student: Student):
    layer = student(SOURCE).Linear(W, B)
    (layer.W**2).sum().backward()
    assert torch.equal(layer.W.grad, 2 * layer.W.detach())


def test_the_students_code_runs_backward(student: Student):
    demo = student(SOURCE)
    x = leaf(1.0, 2.0)
    layer = demo.Linear(W, B)
    demo.backward(demo.square(layer(x)).sum())
    assert layer.b.grad is not None
    expected_y = x.detach() @ torch.tensor(W) + torch.tensor(B)
    assert torch.allclose(x.grad, 2 * torch.tensor(W) @ expected_y)
    demo.backward((x * 3).sum())
    assert torch.allclose(x.grad, 2 * torch.tensor(W) @ expected_y + 3)


def test_retained_gradient_of_a_result(student: Student):
    x = leaf(3.0)
    y = student(SOURCE).square(x)
    y.retain_grad()
    (y * 5).sum().backward()
    assert y.grad.tolist() == [5.0]
    assert x.grad.tolist() == [30.0]


def test_torch_autograd_grad_for_inputs(student: Student):
    x = leaf(3.0)
    (gradient,) = torch.autograd.grad(student(SOURCE).square(x).sum(), x)
    assert gradient.tolist() == [6.0]
    assert x.grad is None


def test_backward_twice_is_torchs_own_error(student: Student):
    y = student(SOURCE).square(leaf(1.0)).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_backward_twice_with_a_retained_graph(student: Student):
    x = leaf(1.0)
    y = student(SOURCE).square(x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.tolist() == [4.0]


def test_no_grad_on_the_tests_side(student: Student):
    demo = student(SOURCE)
    with torch.no_grad():
        assert not demo.whether_enabled()
        assert not demo.square(leaf(1.0)).requires_grad
    assert demo.whether_enabled()


def test_no_grad_on_the_students_side(student: Student):
    demo = student(SOURCE)
    assert not demo.without_grad(leaf(1.0)).requires_grad
    assert not demo.detached(leaf(1.0)).requires_grad

    class Probe(demo.Module):
        def forward(self, x):
            self.enabled = torch.is_grad_enabled()
            return x

    probe = Probe()
    demo.Sequential(probe)(torch.ones(1))
    assert probe.enabled


def test_in_place_on_a_leaf_is_torchs_own_error(student: Student):
    with pytest.raises(RuntimeError, match="leaf Variable"):
        student(SOURCE).doubled_in_place(leaf(1.0))


def test_in_place_on_a_non_leaf(student: Student):
    x = leaf(-1.0, 2.0)
    hidden = x * 3
    y = student(SOURCE).relu_in_place(hidden)
    assert hidden.tolist() == y.tolist() == [0.0, 6.0]
    (y * 2).sum().backward()
    assert x.grad.tolist() == [0.0, 6.0]


def test_in_place_on_what_a_backward_needs_is_torchs_own_error(student: Student):
    x = leaf(-1.0, 2.0)
    hidden = x.exp()
    student(SOURCE).doubled_in_place(hidden)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        hidden.sum().backward()


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
