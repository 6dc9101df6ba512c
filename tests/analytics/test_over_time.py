"""How many passed, day by day."""

from datetime import timedelta

from grader.analytics.deadline import HOURS, last_hours
from grader.analytics.pass_rates import MOST_MOMENTS, moments, over_time
from grader.analytics.time_to_pass import groups_in
from tests.analytics.work import BEGIN, DAY, attempt, work


def groups(each):
    return groups_in(each.passed_groups)


def test_the_latest_attempt_at_the_time_is_what_counts():
    two = work(
        [attempt(0.5, groups="sgd"), attempt(1.5, groups=""), attempt(2.5, groups="sgd linear")],
        [attempt(1.2, groups="sgd")],
    )
    days = over_time(two, [(BEGIN + number * DAY, float(number)) for number in range(4)], groups)
    assert [day.students for day in days] == [0, 1, 2, 2]
    assert [day.share("sgd") for day in days] == [None, 1.0, 0.5, 1.0]
    assert [day.share("linear") for day in days] == [None, 0.0, 0.0, 0.5]


def test_days_count_from_the_deadline_and_cover_every_hand_in():
    some = work([attempt(0.5), attempt(3.2)])
    times = moments(some, BEGIN + 3 * DAY)
    assert [days for _, days in times] == [-2.0, -1.0, 0.0, 1.0]
    assert times[-1][0] == BEGIN + 4 * DAY


def test_days_count_from_the_first_hand_in_without_a_deadline():
    assert [days for _, days in moments(work([attempt(0.5), attempt(2.0)]), None)] == [0.0, 1.0, 2.0]
    assert moments(work([]), None) == []


def test_a_long_term_has_some_two_dozen_moments_and_its_last_day():
    times = moments(work([attempt(0.0), attempt(100.0)]), BEGIN + 90 * DAY)
    assert len(times) <= MOST_MOMENTS
    assert times[-1][1] == 10.0


def test_hand_ins_of_the_last_hours():
    before = [
        timedelta(hours=-1),
        timedelta(),
        timedelta(minutes=59),
        timedelta(hours=1),
        timedelta(hours=47.5),
    ]
    own = [attempt(-left / DAY) for left in (*before, timedelta(hours=48), timedelta(days=9))]
    found = last_hours(work(own), BEGIN)
    assert (found.late, found.earlier) == (1, 2)
    assert found.by_hour[HOURS - 1] == 2
    assert found.by_hour[HOURS - 2] == 1
    assert found.by_hour[0] == 1
    assert sum(found.by_hour) == 4
