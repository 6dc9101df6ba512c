"""When students first pass a group, or everything."""

from grader.analytics.time_to_pass import time_to_full, times_to_pass
from tests.analytics.work import DAY, attempt, work


def test_the_first_attempt_that_passes_even_if_a_later_one_breaks_it():
    found = times_to_pass(
        work(
            [attempt(0, groups="sgd"), attempt(1, groups="sgd linear"), attempt(2, groups="sgd")],
            [attempt(0, groups="linear"), attempt(4, groups="linear"), attempt(5, groups="linear sgd")],
            [attempt(0, groups="")],
        ),
        ["linear", "sgd", "mnist"],
    )
    assert (found["linear"].passed, found["linear"].of) == (2, 3)
    assert found["linear"].attempts == (1.25, 1.5, 1.75)
    assert found["linear"].median_s == 0.5 * DAY.total_seconds()
    assert found["sgd"].attempts is not None
    assert found["sgd"].attempts[1] == 2.0
    assert found["mnist"].passed == 0
    assert found["mnist"].attempts is None


def test_attempts_without_a_grade_are_left_out():
    two = work([attempt(0, None), attempt(1, 100.0, "sgd")], [attempt(0, None)])
    assert times_to_pass(two, ["sgd"])["sgd"].attempts == (1, 1, 1)
    assert times_to_pass(two, ["sgd"])["sgd"].of == 1


def test_full_points():
    found = time_to_full(work([attempt(0, 90.0), attempt(3, 100.0), attempt(4, 100.0)], [attempt(0, 99.0)]))
    assert (found.passed, found.of, found.attempts) == (1, 2, (2, 2, 2))
    assert found.median_s == 3 * DAY.total_seconds()
