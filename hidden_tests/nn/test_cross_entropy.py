"""CrossEntropyLoss: the mean of -log softmax(logits)[target], also for large logits."""

import diagnosis
import pytest
import torch
import torch.nn.functional as F
from checks import close, same
from diagnosis import explained
from g2c.nn import CrossEntropyLoss

pytestmark = pytest.mark.group("cross_entropy")


def right_for(logits, targets, atol=1e-4):
    """Whether the loss of these logits is the right scalar."""
    expected = F.cross_entropy(logits.double(), targets)
    return close(CrossEntropyLoss()(logits.clone(), targets.clone()), expected, atol=atol)


@pytest.mark.explains(
    "tests/test_nn.py::test_cross_entropy_hand_computed",
    "tests/test_nn.py::test_cross_entropy_of_a_clueless_model",
)
def test_loss_of_ordinary_logits(hint):
    with explained(hint, diagnosis.cross_entropy):
        for batch, classes in [(1, 2), (1, 10), (5, 3), (4, 4), (32, 10)]:
            assert right_for(2 * torch.randn(batch, classes), torch.randint(classes, (batch,)))


@pytest.mark.explains("tests/test_nn.py::test_cross_entropy_is_the_mean_over_the_batch")
def test_twice_the_same_batch_has_the_same_loss(hint):
    logits, targets = torch.randn(6, 4), torch.randint(4, (6,))
    expected = F.cross_entropy(logits, targets)
    with explained(hint, diagnosis.cross_entropy):
        assert close(CrossEntropyLoss()(logits.clone(), targets.clone()), expected)
        assert close(CrossEntropyLoss()(logits.repeat(2, 1), targets.repeat(2)), expected)


@pytest.mark.explains("tests/test_nn.py::test_cross_entropy_of_large_logits")
def test_large_logits(hint):
    logits, targets = torch.randn(6, 4), torch.randint(4, (6,))
    with explained(hint, diagnosis.cross_entropy):
        assert right_for(logits + 1000, targets, atol=1e-3)
        assert right_for(logits - 1000, targets, atol=1e-3)
        assert right_for(300 * logits, targets, atol=1e-2)


@pytest.mark.explains("tests/test_nn.py::test_cross_entropy_of_rows_of_different_size")
def test_rows_of_very_different_size(hint):
    logits, targets = torch.randn(6, 4), torch.randint(4, (6,))
    sizes = torch.tensor([[1000.0], [0.0], [-1000.0], [200.0], [-200.0], [60.0]])
    with explained(hint, diagnosis.cross_entropy):
        assert right_for(logits + sizes, targets, atol=1e-3)


def test_confident_and_wrong(hint):
    # The target's probability is zero in 32 bits; its logarithm is an ordinary number.
    logits, targets = torch.randn(6, 4), torch.randint(4, (6,))
    logits[torch.arange(6), targets] -= 200
    with explained(hint, diagnosis.cross_entropy):
        assert right_for(logits, targets, atol=1e-3)


def test_inputs_stay_as_they_are(hint):
    logits, targets = torch.randn(6, 4), torch.randint(4, (6,))
    expected = F.cross_entropy(logits, targets)
    with explained(hint, diagnosis.cross_entropy):
        given_logits, given_targets = logits.clone(), targets.clone()
        assert close(CrossEntropyLoss()(given_logits, given_targets), expected)
        assert same(given_logits, logits)
        assert same(given_targets, targets)


@pytest.mark.explains("tests/test_nn.py::test_cross_entropy_gradient")
def test_gradient(hint):
    with explained(hint, diagnosis.cross_entropy):
        for scale in (1.0, 50.0):
            logits, targets = scale * torch.randn(6, 4), torch.randint(4, (6,))
            given = logits.clone().requires_grad_()
            CrossEntropyLoss()(given, targets.clone()).backward()
            assert close(given.grad, (logits.softmax(dim=1) - F.one_hot(targets, 4)) / 6)
