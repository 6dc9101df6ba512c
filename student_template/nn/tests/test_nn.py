"""Tests of module 03, `g2c.nn`.

    pytest tests/test_nn.py             # all of them
    pytest tests/test_nn.py -x          # stop at the first failure
    pytest tests/test_nn.py -k linear   # only the Linear tests
    pytest tests/test_nn.py -v          # verbose

Construction and bookkeeping pass from the start; the rest turns green as you implement the TODOs.
The tests compare with small examples worked out by hand, so when one fails, read its numbers.
"""

import math

import pytest
import torch
from g2c.nn import SGD, CrossEntropyLoss, Linear, Module, MSELoss, ReLU, Sequential, Sigmoid, Tanh
from g2c.nn.train import (
    accuracy_from_logits,
    build_2d_classifier,
    build_mnist_mlp,
    evaluate_accuracy,
    train_classifier,
    train_linear_regression,
    train_one_epoch,
)


class Double(Module):
    """A layer of the tests' own, to show that yours work with layers they have never seen."""

    def forward(self, x):
        return 2 * x


class AddOne(Module):
    def forward(self, x):
        return x + 1


class RecordShape(Module):
    """Passes its input on and remembers its shape."""

    def __init__(self):
        super().__init__()
        self.shapes = []

    def forward(self, x):
        self.shapes.append(tuple(x.shape))
        return x


def close(actual, expected, atol=1e-5):
    """Whether a tensor or number has the shape and, up to rounding, the values of `expected`."""
    actual, expected = torch.as_tensor(actual).detach(), torch.as_tensor(expected)
    return actual.shape == expected.shape and torch.allclose(actual.float(), expected.float(), atol=atol)


def linear_with(W, b):
    """Return a Linear layer with these weights (a list of rows) and this bias."""
    layer = Linear(len(W), len(b))
    layer.W.data = torch.tensor(W)
    layer.b.data = torch.tensor(b)
    return layer


def number(value):
    """Return a Python number, whether you returned one or a tensor of one element."""
    return torch.as_tensor(value).item()


def leaf(values):
    """Return a parameter: a tensor that asks autograd for gradients."""
    return torch.tensor(values, requires_grad=True)


def circles(n):
    """Return n points on two noisy rings around the origin, and which ring each is on."""
    generator = torch.Generator().manual_seed(3)
    rings = torch.arange(n) % 2
    radii = 1.0 - 0.55 * rings + 0.08 * torch.randn(n, generator=generator)
    angles = 2 * math.pi * torch.rand(n, generator=generator)
    return torch.stack([radii * angles.cos(), radii * angles.sin()], dim=1), rings


def striped_images(labels):
    """Return images (B, 1, 28, 28) in which the label's row is white."""
    images = torch.zeros(len(labels), 1, 28, 28)
    images[torch.arange(len(labels)), 0, labels] = 1.0
    return images


# --- Module -------------------------------------------------------------------------------------


def test_module_call_runs_forward():
    assert close(Double()(torch.tensor([1.0, 2.0])), [2.0, 4.0])


def test_module_has_no_parameters_of_its_own():
    assert len(list(Module().parameters())) == 0


def test_module_forward_is_left_to_the_layers():
    with pytest.raises(NotImplementedError):
        Module()(torch.zeros(1))


# --- Linear -------------------------------------------------------------------------------------


def test_linear_shapes_of_W_and_b():
    layer = Linear(3, 5)
    assert tuple(layer.W.shape) == (3, 5)
    assert tuple(layer.b.shape) == (5,)


def test_linear_starts_with_small_weights_and_zero_bias():
    layer = Linear(100, 50)
    W = layer.W.detach()
    assert 0.09 < number(W.abs().max()) <= 0.1, "W should be uniform in (-1/√in, 1/√in), here (-0.1, 0.1)"
    assert abs(number(W.mean())) < 0.01, "W should be centred on zero"
    assert close(layer.b, torch.zeros(50))


def test_linear_parameters_ask_for_gradients():
    layer = Linear(3, 5)
    assert [tuple(p.shape) for p in layer.parameters()] == [(3, 5), (5,)]
    assert all(p.requires_grad for p in layer.parameters())


def test_linear_hand_computed():
    layer = linear_with(W=[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], b=[0.5, 0.0, -0.5])
    x = torch.tensor([[1.0, 0.0], [1.0, -1.0]])
    assert close(layer(x), [[1.5, 2.0, 2.5], [-2.5, -3.0, -3.5]])


def test_linear_bias_goes_to_outputs_not_to_rows():
    # As many rows as outputs: a bias added along the wrong axis would not even raise an error.
    layer = linear_with(W=[[0.0, 0.0, 0.0]], b=[1.0, 2.0, 3.0])
    assert close(layer(torch.ones(3, 1)), [[1.0, 2.0, 3.0]] * 3)


def test_linear_gradients():
    layer = linear_with(W=[[1.0, 2.0], [3.0, 4.0]], b=[0.0, 0.0])
    x = leaf([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    layer(x).sum().backward()
    assert close(layer.W.grad, [[9.0, 9.0], [12.0, 12.0]])
    assert close(layer.b.grad, [3.0, 3.0])
    assert close(x.grad, [[3.0, 7.0]] * 3)


# --- Activations --------------------------------------------------------------------------------


def test_activations_have_no_parameters():
    assert [len(list(layer.parameters())) for layer in (ReLU(), Tanh(), Sigmoid())] == [0, 0, 0]


def test_relu_clips_negative_numbers():
    assert close(ReLU()(torch.tensor([[-2.0, 0.5], [3.0, -0.1]])), [[0.0, 0.5], [3.0, 0.0]])


def test_relu_leaves_its_input_alone():
    x = torch.tensor([-2.0, 0.5, 3.0])
    ReLU()(x)
    assert close(x, [-2.0, 0.5, 3.0])


def test_relu_gradient():
    x = leaf([-2.0, 0.5, 3.0])
    ReLU()(x).sum().backward()
    assert close(x.grad, [0.0, 1.0, 1.0])


def test_tanh_values():
    y = Tanh()(torch.tensor([-1.0, 0.0, 2.0]))
    assert close(y, [math.tanh(-1.0), 0.0, math.tanh(2.0)])


def test_tanh_is_finite_far_from_zero():
    assert close(Tanh()(torch.tensor([-1000.0, 1000.0])), [-1.0, 1.0])


def test_sigmoid_values():
    y = Sigmoid()(torch.tensor([-1.0, 0.0, 2.0]))
    assert close(y, [1 / (1 + math.e), 0.5, 1 / (1 + math.exp(-2.0))])


def test_sigmoid_is_finite_far_from_zero():
    assert close(Sigmoid()(torch.tensor([-1000.0, 1000.0])), [0.0, 1.0])


# --- Sequential ---------------------------------------------------------------------------------


def test_sequential_keeps_its_layers():
    first, second = Linear(2, 3), ReLU()
    model = Sequential(first, second)
    assert len(model.layers) == 2
    assert model.layers[0] is first
    assert model.layers[1] is second


def test_sequential_parameters_in_layer_order():
    model = Sequential(Linear(2, 3), ReLU(), Sequential(Linear(3, 4), Tanh()), Linear(4, 1))
    shapes = [tuple(p.shape) for p in model.parameters()]
    assert shapes == [(2, 3), (3,), (3, 4), (4,), (4, 1), (1,)]


def test_sequential_runs_layers_first_to_last():
    x = torch.tensor([1.0, 2.0])
    assert close(Sequential(Double(), AddOne())(x), [3.0, 5.0])
    assert close(Sequential(AddOne(), Double())(x), [4.0, 6.0])


def test_sequential_nested():
    model = Sequential(Sequential(Double(), AddOne()), Double(), Sequential(AddOne()))
    assert close(model(torch.tensor([1.0, 2.0])), [7.0, 11.0])


def test_sequential_gradients_reach_every_layer():
    model = Sequential(
        linear_with(W=[[1.0, -1.0]], b=[0.0, 0.0]), ReLU(), linear_with(W=[[3.0], [5.0]], b=[0.0])
    )
    output = model(torch.tensor([[2.0]]))
    assert close(output, [[6.0]])
    output.sum().backward()
    grads = [p.grad for p in model.parameters()]
    for grad, expected in zip(grads, [[[6.0, 0.0]], [3.0, 0.0], [[2.0], [0.0]], [1.0]], strict=True):
        assert close(grad, expected)


# --- Losses -------------------------------------------------------------------------------------


def test_mse_hand_computed():
    loss = MSELoss()(torch.tensor([[1.0], [2.0]]), torch.tensor([[0.0], [4.0]]))
    assert close(loss, 2.5)


def test_mse_gradient():
    predictions = leaf([[1.0], [2.0]])
    MSELoss()(predictions, torch.tensor([[0.0], [4.0]])).backward()
    assert close(predictions.grad, [[1.0], [-2.0]])


def test_cross_entropy_hand_computed():
    # Odds of 1 : 3, so the probabilities are 1/4 and 3/4.
    logits = torch.tensor([[0.0, math.log(3.0)]])
    assert close(CrossEntropyLoss()(logits, torch.tensor([1])), -math.log(0.75))
    assert close(CrossEntropyLoss()(logits, torch.tensor([0])), -math.log(0.25))


def test_cross_entropy_of_a_clueless_model():
    loss = CrossEntropyLoss()(torch.zeros(4, 10), torch.tensor([0, 3, 9, 5]))
    assert close(loss, math.log(10.0))


def test_cross_entropy_is_the_mean_over_the_batch():
    log3 = math.log(3.0)
    logits = torch.tensor([[0.0, log3], [0.0, log3], [0.0, 0.0]])
    expected = -(math.log(0.75) + math.log(0.25) + math.log(0.5)) / 3
    assert close(CrossEntropyLoss()(logits, torch.tensor([1, 0, 1])), expected)


def test_cross_entropy_of_large_logits():
    logits = torch.tensor([[1000.0, 0.0], [0.0, 1000.0]])
    assert close(CrossEntropyLoss()(logits, torch.tensor([0, 1])), 0.0)
    assert close(CrossEntropyLoss()(logits, torch.tensor([1, 0])), 1000.0)


def test_cross_entropy_of_rows_of_different_size():
    # One maximum for the whole batch would turn the second row into log(0).
    logits = torch.tensor([[1000.0, 0.0], [0.0, 0.0]])
    assert close(CrossEntropyLoss()(logits, torch.tensor([0, 1])), math.log(2.0) / 2)


def test_cross_entropy_gradient():
    # (softmax - one-hot) / batch size
    logits = leaf([[0.0, math.log(3.0)], [0.0, 0.0]])
    CrossEntropyLoss()(logits, torch.tensor([0, 1])).backward()
    assert close(logits.grad, [[-0.375, 0.375], [0.25, -0.25]])


# --- SGD ----------------------------------------------------------------------------------------


def test_sgd_keeps_parameters_from_a_generator():
    optimizer = SGD((p for p in [leaf([1.0]), leaf([2.0])]), lr=0.1)
    counts = [len(list(optimizer.params)) for _ in range(2)]
    assert counts == [2, 2], "a generator can be read only once: SGD should keep a list"


def test_sgd_zero_grad():
    p = leaf([1.0, 2.0])
    p.grad = torch.tensor([3.0, 4.0])
    SGD([p], lr=0.1).zero_grad()
    assert close(p.grad, [0.0, 0.0])


def test_sgd_zero_grad_without_gradients():
    p = leaf([1.0, 2.0])
    SGD([p], lr=0.1).zero_grad()
    assert p.grad is None


def test_sgd_step_hand_computed():
    p = leaf([1.0, 2.0])
    p.grad = torch.tensor([10.0, -20.0])
    SGD([p], lr=0.1).step()
    assert close(p, [0.0, 4.0])


def test_sgd_step_with_weight_decay():
    # p - lr · (grad + weight_decay · p) = 2 - 0.1 · (1 + 0.5 · 2), or, if you shrink p after the
    # gradient's part, (2 - 0.1 · 1) · (1 - 0.1 · 0.5): both are fine.
    p = leaf([2.0])
    p.grad = torch.tensor([1.0])
    SGD([p], lr=0.1, weight_decay=0.5).step()
    assert close(p, [1.8]) or close(p, [1.805])


def test_sgd_step_skips_parameters_without_gradient():
    used, unused = leaf([1.0]), leaf([1.0])
    used.grad = torch.tensor([1.0])
    SGD([unused, used], lr=0.5, weight_decay=0.1).step()
    assert close(used, [0.45]) or close(used, [0.475])
    assert close(unused, [1.0])


def test_sgd_step_is_not_recorded_by_autograd():
    layer = linear_with(W=[[1.0]], b=[0.0])
    optimizer = SGD(layer.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        layer(torch.tensor([[1.0]])).sum().backward()
        optimizer.step()
    assert all(p.requires_grad and p.is_leaf for p in layer.parameters())
    assert close(layer.W, [[0.8]])
    assert close(layer.b, [-0.2])


def test_sgd_in_a_training_loop():
    # Gradient descent on (w - 3)² halves the distance to 3 in every step when lr is 0.25.
    w = leaf([11.0])
    optimizer = SGD([w], lr=0.25)
    for _ in range(3):
        loss = MSELoss()(w, torch.tensor([3.0]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert close(w, [4.0])


# --- Training -----------------------------------------------------------------------------------


def test_regression_finds_the_line():
    x = torch.linspace(-1, 1, 100).reshape(100, 1)
    y = 3 * x + 2 + 0.01 * torch.randn(100, 1)
    model, losses = train_linear_regression(x, y)
    assert abs(number(model.W) - 3) < 0.05
    assert abs(number(model.b) - 2) < 0.05
    assert number(losses[-1]) < 0.01 < number(losses[0])


def test_regression_uses_steps_and_lr():
    x = torch.linspace(-1, 1, 10).reshape(10, 1)
    _, losses = train_linear_regression(x, 3 * x + 2, steps=7, lr=0.0)
    assert len(losses) in (7, 8), "one loss per step, and perhaps a final one"
    assert len({number(loss) for loss in losses}) == 1, "with lr=0 the loss stays what it is"


def test_accuracy_counts_right_answers():
    logits = torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.1, 0.0], [-3.0, -2.0, -1.0], [5.0, 4.0, 4.5]])
    assert close(number(accuracy_from_logits(logits, torch.tensor([0, 1, 2, 1]))), 0.75)


def test_2d_classifier_layers():
    model = build_2d_classifier()
    assert [tuple(p.shape) for p in model.parameters()] == [(2, 16), (16,), (16, 2), (2,)]
    shapes = [tuple(p.shape) for p in build_2d_classifier(hidden=7).parameters()]
    assert shapes == [(2, 7), (7,), (7, 2), (2,)]
    assert tuple(model(torch.zeros(5, 2)).shape) == (5, 2)


def test_2d_classifier_is_not_one_straight_line():
    # A linear map plus a bias would give f(x) + f(-x) = 2 f(0) for every x.
    model = build_2d_classifier()
    x = torch.tensor([[1.0, 2.0], [-2.0, 0.5]])
    assert not close(model(x) + model(-x), (2 * model(torch.zeros(2, 2))).detach(), atol=1e-4)


def test_classifier_learns_circles():
    x, y = circles(200)
    model = Sequential(Linear(2, 32), ReLU(), Linear(32, 2))
    losses = train_classifier(model, x, y, steps=500, lr=0.5)
    assert len(losses) in (500, 501)
    assert number(losses[-1]) < 0.5 * number(losses[0])
    assert number((model(x).argmax(dim=1) == y).float().mean()) > 0.95


def test_classifier_applies_lr_and_weight_decay():
    # All inputs are zero, so W has a zero gradient and only the decay changes it: W · (1 - lr · decay).
    model = linear_with(W=[[1.0, -2.0], [3.0, 4.0]], b=[0.0, 0.0])
    train_classifier(model, torch.zeros(4, 2), torch.tensor([0, 1, 0, 1]), steps=2, lr=0.2, weight_decay=0.5)
    assert close(model.W, [[0.81, -1.62], [2.43, 3.24]])


def test_mnist_mlp_layers():
    model = build_mnist_mlp()
    assert [tuple(p.shape) for p in model.parameters()] == [(784, 128), (128,), (128, 10), (10,)]
    assert tuple(build_mnist_mlp(hidden=8)(torch.zeros(3, 784)).shape) == (3, 10)


def test_mnist_mlp_with_and_without_relu():
    x, zero = torch.randn(4, 784), torch.zeros(4, 784)
    bent, straight = build_mnist_mlp(hidden=32), build_mnist_mlp(hidden=32, use_relu=False)
    assert not close(bent(x) + bent(-x), (2 * bent(zero)).detach(), atol=1e-3)
    assert close(straight(x) + straight(-x), (2 * straight(zero)).detach(), atol=1e-3)
    assert [tuple(p.shape) for p in straight.parameters()] == [(784, 32), (32,), (32, 10), (10,)]


def test_epoch_flattens_the_images():
    recorder = RecordShape()
    model = Sequential(recorder, Linear(784, 10))
    loader = [(torch.zeros(4, 1, 28, 28), torch.zeros(4, dtype=torch.long))]
    train_one_epoch(model, loader, SGD(model.parameters(), lr=0.1), CrossEntropyLoss())
    assert recorder.shapes == [(4, 784)]


def test_epoch_returns_the_mean_loss_per_image():
    # lr=0: the model stays clueless about images of class 0 to 4 and sure that the others are class 5.
    W = torch.zeros(784, 10)
    W[5 * 28 : 6 * 28, 5] = 1.0
    model = Linear(784, 10)
    model.W.data = W
    labels = torch.tensor([0, 1, 2, 3, 4, 1, 5])
    loader = [(striped_images(part), part) for part in labels.split(6)]
    loss = train_one_epoch(model, loader, SGD(model.parameters(), lr=0.0), CrossEntropyLoss())
    sure = math.log(math.exp(28.0) + 9) - 28.0
    assert close(number(loss), (6 * math.log(10.0) + sure) / 7)


def test_epoch_takes_one_step_per_batch():
    # Without zero_grad, the second batch's step would include the first batch's gradient.
    model = Linear(784, 10)
    W, b = model.W.detach().clone().requires_grad_(), leaf([0.0] * 10)
    loader = [(torch.randn(5, 1, 28, 28), torch.randint(10, (5,))) for _ in range(3)]
    for images, labels in loader:
        loss = torch.nn.functional.cross_entropy(images.flatten(start_dim=1) @ W + b, labels)
        for p, grad in zip((W, b), torch.autograd.grad(loss, (W, b)), strict=True):
            p.data -= 0.1 * grad
    train_one_epoch(model, loader, SGD(model.parameters(), lr=0.1), CrossEntropyLoss())
    assert close(model.W, W.detach(), atol=1e-4)
    assert close(model.b, b.detach(), atol=1e-4)


def test_epoch_after_epoch_learns_stripes():
    labels = torch.arange(200) % 10
    images = striped_images(labels) + 0.1 * torch.randn(200, 1, 28, 28)
    loader = list(zip(images.split(32), labels.split(32), strict=True))
    model = Sequential(Linear(784, 64), ReLU(), Linear(64, 10))
    optimizer, loss_fn = SGD(model.parameters(), lr=0.2), CrossEntropyLoss()
    losses = [number(train_one_epoch(model, loader, optimizer, loss_fn)) for _ in range(5)]
    assert losses[-1] < 0.5 * losses[0]
    assert number((model(images.flatten(start_dim=1)).argmax(dim=1) == labels).float().mean()) > 0.95


def test_evaluate_accuracy_counts_images_not_batches():
    # The model reads off the white row, so it is right wherever image and label agree.
    model = Linear(784, 10)
    model.W.data = torch.eye(28, 10).repeat_interleave(28, dim=0)
    right, wrong = torch.tensor([0, 1, 2, 3]), torch.tensor([4])
    loader = [(striped_images(right), right), (striped_images(wrong), wrong + 1)]
    assert close(number(evaluate_accuracy(model, loader)), 0.8)


def test_evaluate_accuracy_does_not_train():
    model = Linear(784, 10)
    before = model.W.detach().clone()
    evaluate_accuracy(model, [(torch.ones(4, 1, 28, 28), torch.tensor([0, 1, 2, 3]))])
    assert close(model.W, before)
    assert close(model.b, torch.zeros(10))
