"""Seeds: everything follows from the run's seed, and one purpose's numbers say nothing about another's."""

import random

import numpy
import pytest
import torch

from grader.judging.seeding import derive_seed, seed_trusted_side, seeding_reported


def test_a_purpose_has_the_same_seed_in_every_run():
    """The numbers are written down here, because a report must be replayable by a later version."""
    assert derive_seed(1, "test_a", "test") == 2141864625607017051
    assert derive_seed(1) == derive_seed(1)


def test_seeds_differ_by_run_and_purpose():
    purposes = [(), ("a",), ("b",), ("a", "b"), ("b", "a"), ("ab",), ("a b",), ("a', 'b",)]
    seeds = {derive_seed(run, *purpose) for run in range(20) for purpose in purposes}
    assert len(seeds) == 20 * len(purposes)


def test_a_seed_fits_every_generator():
    for run in (0, 1, 2**53, -1):
        seed = derive_seed(run, "x")
        assert 0 <= seed < 2**63
        seed_trusted_side(seed)


def draws() -> tuple[float, float, float]:
    return torch.rand(()).item(), random.random(), float(numpy.random.random())


def test_the_trusted_side_draws_the_same_again_from_every_generator():
    seed_trusted_side(7)
    first = draws()
    assert draws() != first
    seed_trusted_side(7)
    assert draws() == first


def test_a_test_that_seeds_torch_is_reported_and_still_seeds():
    reported: list[int] = []
    original = torch.manual_seed
    with seeding_reported(reported.append):
        torch.manual_seed(5)
        first = torch.rand(3)
        torch.manual_seed(5)
        assert torch.equal(torch.rand(3), first)
    assert reported == [5, 5]
    assert torch.manual_seed is original


def test_reporting_ends_with_an_error():
    original = torch.manual_seed
    with pytest.raises(KeyError), seeding_reported(lambda _: None):
        raise KeyError
    assert torch.manual_seed is original
