"""Which attempt counts, what lateness costs, and what staff decided."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from grader.db.models.states import Counting, DecisionKind
from grader.grades.grade import Basis, Decision, Grade, grade_of
from grader.grades.lateness import LatePolicy, days_late, deduction

DEADLINE = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEN_A_DAY = LatePolicy(percent_per_day=10, percent_cap=50, grace_s=3600)


@dataclass(frozen=True)
class Handed:
    """An attempt; it came in so many hours after the deadline."""

    number: int
    score: float | None
    hours_late: float = -1.0

    @property
    def id(self) -> int:
        return 100 + self.number

    @property
    def received_at(self) -> datetime:
        return DEADLINE + self.hours_late * HOUR


def graded(*attempts: Handed, counts: Counting = Counting.BEST, decision: Decision | None = None) -> Grade:
    return grade_of(attempts, counts, DEADLINE, TEN_A_DAY, decision)


@pytest.mark.parametrize(
    ("hours_late", "days"), [(-1, 0), (0, 0), (1, 0), (1.01, 1), (24, 1), (24.01, 2), (240, 10)]
)
def test_days_begin_at_the_deadline_once_grace_is_over(hours_late: float, days: int):
    assert days_late(TEN_A_DAY, DEADLINE, DEADLINE + hours_late * HOUR) == days


@pytest.mark.parametrize(("days", "lost"), [(0, 0), (1, 0.1), (5, 0.5), (9, 0.5)])
def test_the_deduction_grows_to_its_cap(days: int, lost: float):
    assert deduction(TEN_A_DAY, days) == pytest.approx(lost)


def test_a_deduction_leaves_no_noise_behind():
    attempt = Handed(1, 50, hours_late=24 * 7)
    policy = LatePolicy(percent_per_day=10, percent_cap=70)
    assert grade_of([attempt], Counting.BEST, DEADLINE, policy).score == 15.0 != 50 * (1 - 0.7)


def test_a_deadline_at_the_end_of_all_years_is_one():
    assert days_late(TEN_A_DAY, datetime(9999, 12, 31, 23, 59, tzinfo=UTC), DEADLINE) == 0


def test_without_deadline_nothing_is_late():
    assert days_late(TEN_A_DAY, None, DEADLINE) == 0


def test_nothing_graded_gives_no_grade():
    assert graded(Handed(1, None)) == Grade(Basis.NOTHING)


def test_the_best_counts_after_its_deduction():
    grade = graded(Handed(1, 85), Handed(2, 90, hours_late=5))
    assert (grade.attempt_id, grade.score, grade.days_late) == (101, 85, 0)


def test_of_equals_the_first_counts():
    assert graded(Handed(1, 80), Handed(2, 80)).attempt_id == 101


def test_the_latest_counts_even_if_it_is_worse():
    grade = graded(Handed(1, 85), Handed(2, 50, hours_late=5), Handed(3, None), counts=Counting.LATEST)
    assert (grade.attempt_id, grade.score, grade.raw_score) == (102, pytest.approx(45), 50)


def test_a_decided_score_stands_without_deduction():
    grade = graded(Handed(1, 40, hours_late=30), decision=Decision(DecisionKind.SCORE, score=77.5))
    assert (grade.basis, grade.score, grade.attempt_id, grade.deducted) == (Basis.DECIDED, 77.5, 101, 0.0)


def test_a_score_can_be_decided_for_who_handed_in_nothing():
    assert graded(decision=Decision(DecisionKind.SCORE, score=60)).score == 60


def test_who_is_excused_has_no_score():
    grade = graded(Handed(1, 40), decision=Decision(DecisionKind.EXCUSED))
    assert (grade.basis, grade.score) == (Basis.EXCUSED, None)


def test_a_chosen_attempt_counts_with_its_deduction():
    grade = graded(
        Handed(1, 85),
        Handed(2, 50, hours_late=5),
        decision=Decision(DecisionKind.SUBMISSION, submission_id=102),
    )
    assert (grade.basis, grade.score, grade.attempt_id) == (Basis.CHOSEN, pytest.approx(45), 102)


def test_a_chosen_attempt_that_is_not_graded_gives_no_score():
    grade = graded(
        Handed(1, 85), Handed(2, None), decision=Decision(DecisionKind.SUBMISSION, submission_id=102)
    )
    assert (grade.basis, grade.score, grade.attempt_id) == (Basis.NOTHING, None, 102)
