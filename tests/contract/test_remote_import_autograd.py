"""Autograd across the boundary: gradients reach the same tensors as they would in one process."""

import pytest
import torch

from tests.contract.autograd_students import SOURCE, B, Student, W, leaf


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
