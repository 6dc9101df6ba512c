"""How scores and attempts are spread."""

from grader.analytics.scores import attempt_bins, overview, score_bins
from tests.analytics.work import attempt, work


def counts(bins):
    return {each.name: each.count for each in bins if each.count}


def test_tenths_and_full_points_by_themselves():
    scores = (-30.0, 0.0, 9.99, 10.0, 30.0, 89.9, 99.99, 100.0, None)
    found = score_bins([attempt(score=score) for score in scores])
    assert counts(found) == {"0–10 %": 3, "10–20 %": 1, "30–40 %": 1, "80–90 %": 1, "90–100 %": 1, "full": 1}
    assert len(found) == 11


def test_students_who_have_not_handed_in_are_counted_with_none():
    bins = attempt_bins(work([attempt()] * 3, [], [attempt()] * 3, [attempt()]))
    assert counts(bins) == {"0": 1, "1": 1, "3": 2}


def test_many_attempts_are_put_together():
    bins = attempt_bins(work([attempt()] * 50, [attempt()] * 4, []))
    assert counts(bins) == {"0": 1, "4–6": 1, "49–51": 1}
    assert len(bins) <= 21


def test_nobody_has_handed_in():
    assert counts(attempt_bins(work([], []))) == {"0": 2}
    assert counts(score_bins([])) == {}


def test_overview():
    three = work([attempt(score=40.0), attempt(score=100.0)], [attempt(score=None)], [])
    found = overview(three, list(three.counting.values()))
    assert (found.students, found.handed_in, found.full, found.attempts) == (3, 2, 1, 3)
    assert (found.median_share, found.median_attempts) == (1.0, 1.5)
    assert overview(work([]), []).median_share is None
