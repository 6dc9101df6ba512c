"""A grading that hangs is a failure of ours; its slot is free again."""

import threading

import pytest

from grader.errors import GraderError
from grader.jobs.examiners import within


def test_what_ends_in_time_is_handed_on():
    assert within(60.0, lambda: "result") == "result"


def test_what_fails_in_time_fails():
    with pytest.raises(ZeroDivisionError):
        within(60.0, lambda: 1 / 0)


def test_what_hangs_is_given_up():
    never = threading.Event()
    with pytest.raises(GraderError, match="hung"):
        within(0.01, never.wait)
    never.set()
