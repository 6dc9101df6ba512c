"""Which known mistake, if any, each part of a student's code makes.

Theory of operation. A probe uses one part (Linear, SGD, …) on small fresh inputs and compares
what comes back with what the right code gives and with what each known mistake gives. It
returns the code of the one mistake that fits, None if the part is sound, and UNCLEAR if the
part is wrong in a way we can't name.

`explained` runs probes when a test has failed, from the bottom up, and stops at the first part
that isn't sound: whatever a broken Linear does to the training loop says nothing about the loop.
A probe may therefore rely on the parts before it. Passing tests cost nothing.
"""

from contextlib import contextmanager
from itertools import product

import formulas
import torch
import torch.nn.functional as F
from checks import close, is_number, is_tensor, numbers, same
from g2c.nn import SGD, CrossEntropyLoss, Linear, Module, MSELoss, ReLU, Sequential

UNCLEAR = "unclear"
UPDATE_TRACKED = "leaf Variable that requires grad is being used in an in-place operation"
SHAPE_ERRORS = (
    "cannot be multiplied",
    "must match the size",
    "size mismatch",
    "is invalid for input of size",
    "shape mismatch: indexing tensors",
    "must have the same number of dimensions",
)


@contextmanager
def explained(hint, *probes):
    """If the block fails, record the mistake of the first probed part that isn't sound."""
    try:
        yield
    except NotImplementedError:
        raise
    except Exception:
        for probe in probes:
            finding = run(probe)
            if finding is not None:
                hint.when(finding is not UNCLEAR, finding)
                break
        raise


def run(probe):
    """Return the probe's finding; a part that can't even be used is wrong about shapes, or UNCLEAR."""
    try:
        return probe()
    except Exception as error:
        return "shape-error" if any(text in str(error) for text in SHAPE_ERRORS) else UNCLEAR


def linear():
    layer = Linear(5, 3)
    if is_tensor(layer.W, (3, 5)):
        return "weights-transposed"
    if not is_tensor(layer.W, (5, 3)):
        return UNCLEAR
    if isinstance(layer.b, torch.Tensor) and tuple(layer.b.shape) != (3,):
        return "bias-broadcast"
    if layer.W.requires_grad is False or layer.b.requires_grad is False:
        return "requires-grad-missing"
    if not are_exactly(layer.parameters(), [layer.W, layer.b]):
        return UNCLEAR

    square = Linear(4, 4)
    x, W, b = torch.randn(4, 4), torch.randn(4, 4), torch.randn(4)
    square.W.data, square.b.data = W.clone(), b.clone()
    got = square(x.clone())
    if close(got, x @ W.T + b):
        return "weights-transposed"
    if any(close(got, x @ W + wrong) for wrong in (b.unsqueeze(1), b.sum(), b.mean(), b[0])):
        return "bias-broadcast"
    output = layer(torch.randn(6, 5))
    if not close(got, x @ W + b):
        return UNCLEAR
    if output.requires_grad is False:
        return "requires-grad-missing"
    output.sum().backward()
    if layer.W.grad is None or layer.b.grad is None:
        return "requires-grad-missing"
    return initial_values()


def are_exactly(parameters, wanted):
    """Whether the parameters are these very tensors, in this order."""
    found = list(parameters)
    return len(found) == len(wanted) and all(p is w for p, w in zip(found, wanted, strict=True))


def initial_values():
    for layer, bound in [(Linear(25, 200), 1 / 5), (Linear(64, 128), 1 / 8)]:
        if not starts_uniform(layer.W, bound) or not close(layer.b, torch.zeros(layer.b.shape)):
            return "init-range"
    return None


def starts_uniform(W, bound):
    """Whether at least 5000 weights look drawn from Uniform(-bound, bound), ten sigmas allowed."""
    W = numbers(W) / bound
    return (
        0.98 < float(W.abs().max()) <= 1.0 + 1e-5
        and abs(float(W.mean())) < 0.09
        and 0.9 < 3 * float(W.square().mean()) < 1.1
    )


def relu():
    return activation(ReLU(), torch.relu)


def activation(layer, function):
    x = 3 * torch.randn(6, 7)
    given = x.clone()
    got = layer(given)
    if not same(given, x):
        return "input-mutated"
    if close(got, x):
        return "nonlinearity-missing"
    return None if close(got, function(x)) else UNCLEAR


def affine_layer(scale, shift):
    """Return a layer of the tests' own: scale * x + shift."""

    class Affine(Module):
        def forward(self, x):
            return scale * x + shift

    return Affine()


def sequential():
    maps = [(2.0, 1.0), (-3.0, 0.5), (0.7, -2.0)]
    x = torch.randn(3, 4)
    got = Sequential(*(affine_layer(*one) for one in maps))(x.clone())
    for length in range(7):
        for order in product(range(3), repeat=length):
            expected = x
            for i in order:
                expected = maps[i][0] * expected + maps[i][1]
            if order != (0, 1, 2) and close(got, expected):
                return "layer-order"

    inner, outer = Linear(3, 4), Linear(4, 1)
    wanted = [inner.W, inner.b, outer.W, outer.b]
    for layers in ((inner, ReLU(), outer), (Sequential(inner), ReLU(), outer)):
        found = list(Sequential(*layers).parameters())
        if are_exactly(found, wanted):
            continue
        if len(found) == 4 and all(any(p is w for p in found) for w in wanted):
            return "layer-order"
        if len(found) < 4:
            return "nested-parameters-missing"
        return UNCLEAR
    return None


def mse():
    predictions, targets = torch.randn(5, 1), torch.randn(5, 1)
    expected = F.mse_loss(predictions, targets)
    got = MSELoss()(predictions.clone(), targets.clone())
    if close(got, expected):
        return None
    return "loss-sum-not-mean" if close(got, expected * 5) else UNCLEAR


def cross_entropy():
    # One number says little, and two formulas may agree on it by chance: compare on several batches.
    batches = [(torch.randn(5, 3), torch.randint(3, (5,))) for _ in range(4)]

    def follows(formula, change=lambda logits, targets: logits, atol=1e-5):
        """Whether the loss of the changed logits is the formula's, in every batch."""
        changed = [(change(logits, targets), targets) for logits, targets in batches]
        return all(
            close(CrossEntropyLoss()(logits.clone(), targets.clone()), formula(logits, targets), atol=atol)
            for logits, targets in changed
        )

    logits, targets = batches[0]
    given = logits.clone()
    CrossEntropyLoss()(given, targets.clone())
    if not same(given, logits):
        return "input-mutated"
    if not follows(F.cross_entropy):
        known = (code for code, formula in formulas.MISTAKEN_CROSS_ENTROPY if follows(formula))
        return next(known, UNCLEAR)

    # The same large number everywhere: only exp() without a maximum minds.
    if not follows(F.cross_entropy, lambda logits, targets: logits + 1000, atol=1e-3):
        return "cross-entropy-overflow"
    # A number per row: a maximum over the batch leaves log(0) in the rows of small logits.
    per_row = torch.tensor([[300.0], [0.0], [-300.0], [150.0], [-150.0]])
    if not follows(F.cross_entropy, lambda logits, targets: logits + per_row, atol=1e-3):
        return "cross-entropy-global-max"
    # One large number in each row, the target's: a shift by something else than the maximum minds.
    if not follows(F.cross_entropy, lambda logits, targets: logits + 1000 * F.one_hot(targets, 3), atol=1e-3):
        return "cross-entropy-overflow"
    # A target 200 below its row's maximum: its probability is zero in 32 bits, its logarithm isn't.
    if not follows(F.cross_entropy, lambda logits, targets: logits - 200 * F.one_hot(targets, 3), atol=1e-3):
        return "softmax-then-log"

    leaf = logits.clone().requires_grad_()
    CrossEntropyLoss()(leaf, targets.clone()).backward()
    gradient = (logits.softmax(dim=1) - F.one_hot(targets, 3)) / 5
    return None if close(leaf.grad, gradient) else UNCLEAR


def after_one_step(p, grad, lr, **options):
    """Return the parameter after SGD's step from the values p with this gradient."""
    parameter = p.clone().requires_grad_()
    parameter.grad = grad.clone()
    SGD([parameter], lr=lr, **options).step()
    return parameter


def sgd():
    p, grad = torch.randn(4, 3), torch.randn(4, 3)
    try:
        stepped = {lr: after_one_step(p, grad, lr) for lr in (0.03, 0.3)}
        decayed = [
            (value, pull, after_one_step(value, pull, lr=0.1, weight_decay=0.5))
            for value, pull in ((p, grad), (p[0], grad[0]))
        ]
    except RuntimeError as error:
        return "no-grad-missing" if UPDATE_TRACKED in str(error) else UNCLEAR
    if any(close(after, p) for after in stepped.values()) or close(decayed[0][2], p):
        return "param-rebound"
    if any(after.requires_grad is False for after in stepped.values()):
        return "requires-grad-missing"
    if close(stepped[0.03], numbers(stepped[0.3])):
        return "lr-ignored"
    times = [
        float(((p - numbers(after)) * grad).sum() / (lr * grad.square().sum()))
        for lr, after in stepped.items()
    ]
    if is_number(times[0], times[1], rtol=0.01) and (is_number(times[0], -1, rtol=0.01) or times[0] > 5):
        return "diverged"
    if not all(close(after, p - lr * grad) for lr, after in stepped.items()):
        return UNCLEAR
    for value, pull, after in decayed:
        for code, steps in formulas.MISTAKEN_DECAY.items():
            if any(close(after, step(value, pull, 0.1, 0.5)) for step in steps):
                return code

    parameter = p.clone().requires_grad_()
    parameter.grad = grad.clone()
    SGD([parameter], lr=0.1).zero_grad()
    if parameter.grad is not None and close(parameter.grad, grad):
        return "zero-grad-missing"
    sound = all(formulas.is_right_step(after, value, pull, 0.1, 0.5) for value, pull, after in decayed)
    return None if sound else UNCLEAR


PARTS = (linear, relu, sequential, mse, cross_entropy, sgd)
"""Everything that training stands on, from the bottom up."""
