"""The red team's public tests: few and quick, first one that no attack on other parts may spoil."""

import pytest
import torch
from g2c.nn import Linear, ReLU, Tanh

patient = pytest.mark.limits(cpu_s=60.0, wall_s=120.0)  # never spoilt by a hang elsewhere


def agree(got, expected):
    return (
        isinstance(got, torch.Tensor)
        and got.shape == expected.shape
        and got.dtype == expected.dtype
        and torch.allclose(got, expected, atol=1e-6)
    )


@patient
def test_linear_before_all_others():
    layer, x = Linear(3, 2), torch.randn(4, 3)
    assert agree(layer(x), x @ layer.W + layer.b)


def test_tanh():
    x = torch.tensor([[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]])
    expected = torch.tanh(x)
    assert agree(Tanh()(x), expected)


def test_relu():
    x = torch.randn(4, 3)
    expected = x.clamp(min=0)
    assert agree(ReLU()(x), expected)
