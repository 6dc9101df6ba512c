"""Numbers read well, and what is no number reads as a dash."""

import math

import pytest

from grader.report import numbers

NOT_NUMBERS = [math.nan, math.inf, -math.inf, None, "3", True, 10**400, [1.0]]


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=repr)
def test_only_finite_numbers_are_numbers(value):
    assert numbers.finite(value) is None
    for show in (numbers.points, numbers.percent, numbers.seconds, numbers.ratio, numbers.decimal):
        assert show(value) == numbers.MISSING


def test_the_range_is_kept():
    assert numbers.finite(0.5, 0.0, 1.0) == 0.5
    assert numbers.finite(1.5, 0.0, 1.0) is None
    assert numbers.percent(1.5) == numbers.MISSING
    assert numbers.seconds(-1.0) == numbers.MISSING


@pytest.mark.parametrize(
    ("show", "value", "shown"),
    [
        (numbers.points, 100.0, "100"),
        (numbers.points, 6 / 7, "0.86"),
        (numbers.points, 83.5, "83.5"),
        (numbers.points, 0.0, "0"),
        (numbers.percent, 0.9712, "97.1 %"),
        (numbers.percent, 1, "100.0 %"),
        (numbers.percent, 0.94999, "94.9 %"),
        (numbers.seconds, 0.0123, "12 ms"),
        (numbers.seconds, 0.84, "0.84 s"),
        (numbers.seconds, 11.23, "11.2 s"),
        (numbers.seconds, 128.4, "128 s"),
        (numbers.ratio, 1.1164, "1.12 ×"),
        (numbers.ratio, 3.0, "3.00 ×"),
        (numbers.ratio, 3.001, "3.01 ×"),
        (numbers.decimal, 0.41273, "0.413"),
    ],
)
def test_words_for_numbers(show, value, shown):
    assert show(value) == shown


def test_a_sum_leaves_out_what_is_no_number():
    assert numbers.total([0.1] * 10 + [math.nan, None]) == 1.0
