"""The sample submissions tell the truth about themselves.

Every correct-but-different sample behaves like the contract, and every wrong one breaks it in
the very groups that it names. This is a check of the data, made in this process against
torch's own functions; that the hidden tests tell the samples apart is the admission gate's business.
Hostile samples are only read here: they run in a sandbox or nowhere.
"""

import importlib
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from grader.judging.samples import Sample, SampleKind, load_samples

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "reference/nn"
SAMPLES = load_samples(ROOT / "tests/submissions/nn")
GROUPS = {
    *("linear", "activations", "sequential", "cross_entropy", "sgd"),
    *("regression", "classifier", "mnist_training", "exercises", "mnist"),
}
HINT_CODES = set(
    """
    no-grad-missing param-rebound zero-grad-missing cross-entropy-overflow cross-entropy-global-max
    softmax-then-log loss-sum-not-mean nonlinearity-missing weights-transposed init-range
    requires-grad-missing bias-broadcast lr-ignored weight-decay-ignored weight-decay-sign
    weight-decay-unscaled epoch-loss-unweighted epoch-loss-last-batch accuracy-batch-mean input-mutated
    layer-order nested-parameters-missing not-implemented off-limits-api shape-error model-not-trained
    pretrained-weights too-slow diverged
    """.split()
)
NEEDS_A_CLOCK_OR_MNIST = ("off-limits-api", "too-slow", "pretrained-weights")


def of_kind(kind):
    return [pytest.param(sample, id=sample.name) for sample in SAMPLES if sample.kind is kind]


@pytest.fixture
def import_sample(tmp_path, monkeypatch):
    """Return a function that imports a sample in this process: sample → (g2c.nn, g2c.nn.train)."""

    def forget():
        for name in [name for name in sys.modules if name == "g2c" or name.startswith("g2c.")]:
            del sys.modules[name]

    def load(sample):
        sample.write_to(tmp_path, REFERENCE)
        monkeypatch.chdir(tmp_path)  # where habits such as making folders at import do no harm
        importlib.invalidate_caches()
        return importlib.import_module("g2c.nn"), importlib.import_module("g2c.nn.train")

    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    torch.manual_seed(0)
    yield load
    forget()


# --- what the contract asks, group by group: each raises unless the sample keeps it ----------------


def close(got, expected, rtol=1e-4, atol=1e-5):
    torch.testing.assert_close(torch.as_tensor(got).detach(), torch.as_tensor(expected), rtol=rtol, atol=atol)


def number(value):
    return torch.as_tensor(value).detach().item()


def check_linear(nn, train):
    layer = nn.Linear(400, 30)
    assert layer.W.shape == (400, 30) and layer.b.shape == (30,)
    assert 0.049 < layer.W.max() <= 0.05 and -0.05 <= layer.W.min() < -0.049 and layer.W.mean().abs() < 0.002
    close(layer.b, torch.zeros(30))
    assert [p is q for p, q in zip(layer.parameters(), (layer.W, layer.b), strict=True)] == [True, True]
    for B in (1, 7, 30):
        layer.b.data = torch.randn(30)
        layer.W.grad = layer.b.grad = None
        x, upstream = torch.randn(B, 400), torch.randn(B, 30)
        y = layer(x)
        close(y, x @ layer.W.detach() + layer.b.detach(), rtol=1e-3, atol=1e-4)
        y.backward(upstream)
        close(layer.W.grad, x.T @ upstream, rtol=1e-3, atol=1e-4)
        close(layer.b.grad, upstream.sum(0))


def check_activations(nn, train):
    for layer, expected in ((nn.ReLU(), F.relu), (nn.Tanh(), torch.tanh), (nn.Sigmoid(), torch.sigmoid)):
        x = torch.randn(5, 3)
        given = x.clone()
        close(layer(given), expected(x))
        close(given, x, rtol=0, atol=0)
        far = torch.tensor([-1000.0, 1000.0])
        close(layer(far.clone()), expected(far))
        leaf, twin = x.clone().requires_grad_(), x.clone().requires_grad_()
        layer(leaf).sum().backward()
        expected(twin).sum().backward()
        close(leaf.grad, twin.grad)
        assert list(layer.parameters()) == []


def check_sequential(nn, train):
    class Scale(nn.Module):
        def __init__(self, factor, offset):
            self.factor, self.offset = torch.tensor(factor, requires_grad=True), offset

        def forward(self, x):
            return x * self.factor + self.offset

        def parameters(self):
            return [self.factor]

    first, second, third = Scale(2.0, 1.0), Scale(3.0, 5.0), Scale(-1.0, 7.0)
    model = nn.Sequential(first, nn.Sequential(second, third))
    close(model(torch.tensor([1.0])), [-((2.0 + 1.0) * 3.0 + 5.0) + 7.0])
    wanted = (first.factor, second.factor, third.factor)
    assert all(p is q for p, q in zip(model.parameters(), wanted, strict=True))
    assert model.layers[0] is first


def check_cross_entropy(nn, train):
    standard, targets = torch.randn(6, 4), torch.randint(4, (6,))
    uneven = standard + torch.tensor([[1000.0], [0.0], [-1000.0], [300.0], [0.0], [0.0]])
    sure = torch.tensor([[1000.0, 0.0, 0.0, 0.0], [0.0, 150.0, 0.0, 0.0]]).repeat(3, 1)
    for logits in (standard, uneven, sure):
        given = logits.clone()
        loss = nn.CrossEntropyLoss()(given, targets)
        close(loss, F.cross_entropy(logits, targets))
        close(given, logits, rtol=0, atol=0)
        leaf, twin = logits.clone().requires_grad_(), logits.clone().requires_grad_()
        nn.CrossEntropyLoss()(leaf, targets).backward()
        F.cross_entropy(twin, targets).backward()
        close(leaf.grad, twin.grad)


def decayed_with(p, grad, lr, decay):
    return p - lr * (grad + decay * p)


def decayed_after(p, grad, lr, decay):
    return (p - lr * grad) * (1 - lr * decay)


SGD_STEPS = (decayed_with, decayed_after)  # the order is free


def is_close(got, expected):
    return torch.allclose(torch.as_tensor(got).detach(), torch.as_tensor(expected), rtol=1e-4, atol=1e-5)


def check_sgd(nn, train):
    for lr, weight_decay in ((0.1, 0.0), (0.03, 0.5)):
        parameters = [torch.randn(3, 2, requires_grad=True), torch.randn(2, requires_grad=True)]
        unused = torch.ones(1, requires_grad=True)
        optimizer = nn.SGD((p for p in [unused, *parameters]), lr, weight_decay)
        assert len(optimizer.params) == 3
        for _ in range(3):
            before = [p.detach().clone() for p in parameters]
            optimizer.zero_grad()
            sum((p**2).sum() for p in parameters).backward()
            optimizer.step()
            for p, old in zip(parameters, before, strict=True):
                assert any(is_close(p, step(old, 2 * old, lr, weight_decay)) for step in SGD_STEPS)
                assert p.requires_grad and p.is_leaf
        close(unused, torch.ones(1))


def trained_by_torch(model, batches, lr, weight_decay=0.0, step=decayed_with):
    """Return (losses, parameters) of SGD in plain torch on a ReLU net with the model's parameters."""
    parameters = [p.detach().clone().requires_grad_() for p in model.parameters()]
    W1, b1, W2, b2 = parameters
    losses = []
    for x, y in batches:
        loss = F.cross_entropy(F.relu(x.flatten(1) @ W1 + b1) @ W2 + b2, y)
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for p, grad in zip(parameters, gradients, strict=True):
                p.copy_(step(p, grad, lr, weight_decay))
        losses.append(loss.item())
    return losses, parameters


def check_regression(nn, train):
    x, y = torch.randn(6, 1), torch.randn(6, 1)
    close(nn.MSELoss()(x, y), F.mse_loss(x, y))
    x = torch.linspace(-1, 1, 20).reshape(-1, 1)
    model, losses = train.train_linear_regression(x, 3 * x - 1, steps=300, lr=0.2)
    assert len(losses) in (300, 301) and abs(number(model.W) - 3) < 0.02 and abs(number(model.b) + 1) < 0.02
    model, losses = train.train_linear_regression(x, 3 * x - 1, steps=2, lr=0.05)
    b = -0.1
    close(number(model.b), b - 0.1 * (b + 1))  # x is centred, so b learns by itself


def check_classifier(nn, train):
    x, y = torch.randn(12, 2), torch.randint(2, (12,))
    for lr, decay in ((0.1, 0.0), (0.5, 0.3)):
        model = train.build_2d_classifier(hidden=9)
        assert [tuple(p.shape) for p in model.parameters()] == [(2, 9), (9,), (9, 2), (2,)]
        expected = [trained_by_torch(model, [(x, y)] * 4, lr, decay, step) for step in SGD_STEPS]
        losses = train.train_classifier(model, x, y, steps=4, lr=lr, weight_decay=decay)
        assert len(losses) in (4, 5)
        assert any(
            all(is_close(number(got), loss) for got, loss in zip(losses, wanted, strict=False))
            and all(is_close(got, p) for got, p in zip(model.parameters(), parameters, strict=True))
            for wanted, parameters in expected
        )

    logits, labels = torch.eye(4), torch.tensor([0, 1, 2, 0])
    close(number(train.accuracy_from_logits(logits, labels)), 0.75)
    close(number(train.accuracy_from_logits(torch.eye(4)[:3, :], labels[:3])), 1.0)


def check_mnist_training(nn, train):
    straight, zero, x = (
        train.build_mnist_mlp(hidden=11, use_relu=False),
        torch.zeros(2, 784),
        torch.randn(2, 784),
    )
    close(straight(x) + straight(-x), 2 * straight(zero).detach())
    model = train.build_mnist_mlp(hidden=11)
    batches = [(torch.randn(n, 1, 28, 28), torch.randint(10, (n,))) for n in (8, 8, 3)]
    losses, parameters = trained_by_torch(model, batches, lr=0.05)
    got = train.train_one_epoch(model, batches, nn.SGD(model.parameters(), lr=0.05), nn.CrossEntropyLoss())
    close(number(got), (8 * losses[0] + 8 * losses[1] + 3 * losses[2]) / 19)
    for p, wanted in zip(model.parameters(), parameters, strict=True):
        close(p, wanted.detach())

    others = [(torch.randn(n, 1, 28, 28), torch.randint(10, (n,))) for n in (30, 7)]
    answers = [(model(images.flatten(1)).argmax(1), labels) for images, labels in others]
    others[1] = (others[1][0], answers[1][0])
    right = (answers[0][0] == answers[0][1]).sum().item() + 7
    close(number(train.evaluate_accuracy(model, others)), right / 37)


CHECKS = {
    "linear": check_linear,
    "activations": check_activations,
    "sequential": check_sequential,
    "cross_entropy": check_cross_entropy,
    "sgd": check_sgd,
    "regression": check_regression,
    "classifier": check_classifier,
    "mnist_training": check_mnist_training,
}


@pytest.mark.filterwarnings("ignore")  # what students' code warns of costs nothing
@pytest.mark.parametrize("sample", of_kind(SampleKind.DIFFERENT))
def test_different_sample_keeps_the_contract(sample, import_sample):
    nn, train = import_sample(sample)
    for check in CHECKS.values():
        check(nn, train)


@pytest.mark.filterwarnings("ignore")  # wrong code draws warnings, too
@pytest.mark.parametrize("sample", of_kind(SampleKind.WRONG))
def test_wrong_sample_breaks_the_groups_it_names(sample, import_sample):
    nn, train = import_sample(sample)
    for group in CHECKS.keys() & set(sample.fails):
        with pytest.raises(Exception):  # noqa: B017 — wrong in whatever way
            CHECKS[group](nn, train)


@pytest.mark.parametrize("sample", of_kind(SampleKind.WRONG))
def test_wrong_sample_says_where_and_why(sample):
    assert set(sample.fails) <= GROUPS
    assert sample.description.endswith(".")
    judged_otherwise = any(hint in NEEDS_A_CLOCK_OR_MNIST for hint in sample.hints)
    assert judged_otherwise or CHECKS.keys() & set(sample.fails)


@pytest.mark.parametrize("sample", of_kind(SampleKind.HOSTILE))
def test_hostile_sample_says_what_to_expect(sample):
    assert sample.outcomes and sample.expect
    assert set(sample.affects) <= GROUPS


def test_reference_keeps_the_contract_by_the_same_checks(import_sample):
    unchanged = Sample("reference", SampleKind.DIFFERENT, "", overlay={})
    nn, train = import_sample(unchanged)
    for check in CHECKS.values():
        check(nn, train)


def test_every_hint_of_the_course_has_a_wrong_sample():
    assert {hint for sample in SAMPLES for hint in sample.hints} == HINT_CODES
