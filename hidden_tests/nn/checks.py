"""Comparing what a student's code returned with what it should be.

What comes back may be anything: NaN, a shape that would broadcast, True for 1.0. So every
comparison here looks at the type, the shape and finiteness before the numbers, never raises,
and returns exactly True or False.
"""

import torch


def is_tensor(value, shape):
    """Whether value is a dense floating-point tensor of exactly this shape with finite numbers."""
    return (
        isinstance(value, torch.Tensor)
        and tuple(value.shape) == tuple(shape)
        and value.is_floating_point()
        and bool(torch.isfinite(value.detach()).all())
    )


def numbers(value):
    """Return a tensor's numbers as a plain tensor of its own: later changes do not show in it."""
    return value.detach().as_subclass(torch.Tensor).clone()


def close(got, expected, rtol=1e-4, atol=1e-5):
    """Whether got is a finite tensor of expected's shape with the same numbers, up to rounding."""
    if not is_tensor(got, expected.shape):
        return False
    return torch.allclose(numbers(got).double(), numbers(expected).double(), rtol=rtol, atol=atol)


def same(got, expected):
    """Whether two tensors have the same type, shape and, bit for bit, the same numbers."""
    return (
        isinstance(got, torch.Tensor)
        and got.dtype == expected.dtype
        and got.shape == expected.shape
        and torch.equal(numbers(got), numbers(expected))
    )


def as_float(value):
    """Return a float or a tensor of shape () as a float, and NaN for anything else."""
    if type(value) is float:
        return value
    if is_tensor(value, ()):
        return float(numbers(value))
    return float("nan")


def is_number(got, expected, rtol=1e-4, atol=1e-5):
    """Whether got is the expected number, given as a float or as a tensor of shape ()."""
    return bool(abs(as_float(got) - float(expected)) <= atol + rtol * abs(float(expected)))


def as_floats(values):
    """Return a list of floats or of tensors of shape () as a list of floats; [] for anything else."""
    if type(values) not in (list, tuple):
        return []
    return [as_float(value) for value in values]


def are_losses(values, steps):
    """Whether values are finite losses, one per step; one more, after the last step, is welcome."""
    losses = as_floats(values)
    return len(losses) in (steps, steps + 1) and all(0 <= loss < float("inf") for loss in losses)


def begins_with(values, expected, rtol=1e-3, atol=1e-4):
    """Whether the list begins with these numbers, in this order."""
    got = as_floats(values)
    return len(got) >= len(expected) and all(
        is_number(loss, wanted, rtol, atol) for loss, wanted in zip(got, expected, strict=False)
    )


def all_close(got, expected, rtol=1e-3, atol=1e-4):
    """Whether two lists of tensors agree one by one, up to the rounding of a few training steps."""
    return len(got) == len(expected) and all(
        close(one, other, rtol, atol) for one, other in zip(got, expected, strict=True)
    )


def values_of(model):
    """Return the numbers of the model's parameters, in order."""
    return [numbers(parameter) for parameter in model.parameters()]


def draw_values(model):
    """Give the model's parameters fresh numbers of the tests' own, and return these.

    An expected value must not rest on numbers that the student's code chose: with zeros in every
    parameter, code that returns zeros is right.
    """
    values = [(2 * torch.rand(p.shape) - 1) * max(1, *p.shape) ** -0.5 for p in values_of(model)]
    set_values(model, values)
    return values


def set_values(model, values):
    """Give the model's parameters, in order, these numbers."""
    for parameter, value in zip(model.parameters(), values, strict=True):
        parameter.data = value.clone()
