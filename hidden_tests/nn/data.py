"""The data sets of the course's exercises, drawn afresh from torch's global random state."""

import math

import torch


def noisy_line(n=100, noise=0.03):
    """Return x, y of shape (n, 1) with y = 3x + 2 + noise and x in [-1, 1]."""
    x = torch.linspace(-1, 1, n).unsqueeze(1)
    return x, 3 * x + 2 + noise * torch.randn(n, 1)


def circles(n=400, noise=0.08):
    """Return n points (n, 2) on two rings of radius 1 and 0.45, and the ring (n,) of each."""
    rings = torch.arange(n) % 2
    angles = 2 * math.pi * torch.rand(n)
    radii = 1.0 - 0.55 * rings
    points = torch.stack([radii * angles.cos(), radii * angles.sin()], dim=1)
    return points + noise * torch.randn(n, 2), rings


def moons(n=400, noise=0.08):
    """Return n points (n, 2) on two interleaved half circles, and the half circle (n,) of each."""
    halves = torch.arange(n) % 2
    angles = math.pi * torch.rand(n)
    x = torch.where(halves == 0, angles.cos(), 1 - angles.cos())
    y = torch.where(halves == 0, angles.sin(), 0.5 - angles.sin())
    return torch.stack([x - 0.5, y - 0.25], dim=1) + noise * torch.randn(n, 2), halves


def few_noisy_points(n=40, dimensions=20, flipped=0.15):
    """Return n points (n, dimensions) and classes (n,) that follow the first coordinate only.

    A share `flipped` of the classes is wrong, so whoever learns them all by heart learns noise.
    """
    points = torch.randn(n, dimensions)
    classes = (points[:, 0] > 0).long()
    wrong = torch.randperm(n)[: round(flipped * n)]
    classes[wrong] = 1 - classes[wrong]
    return points, classes


def images(*sizes):
    """Return batches (images (B, 1, 28, 28), labels (B,) in 0 … 3) of the given sizes."""
    return [(torch.rand(size, 1, 28, 28), torch.randint(4, (size,))) for size in sizes]
