"""A unit's form: what it means, and what is wrong with it."""

from datetime import UTC, datetime

import pytest

from grader.courses.unit_terms import read_terms
from grader.db.models import Counting, CourseUnit
from grader.web.local_moments import read_moment

STORED = datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC)
FORM = {"title": " A  net ", "counts": "latest", "is_published": "1"}


def read(**changes: str):
    return read_terms({**FORM, **changes}, CourseUnit(deadline_at=STORED), read_moment)


def test_what_is_typed_becomes_terms():
    terms, problems = read(
        opens_at="2026-11-01T08:00", deadline_at="2026-12-01T10:00", late_until_at="2026-12-03T10:00",
        max_attempts="10",
    )  # fmt: skip
    assert problems == {}
    assert terms is not None
    assert (terms.title, terms.is_published, terms.counts) == ("A net", True, Counting.LATEST)
    assert terms.deadline_at == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert (terms.max_attempts, terms.checks_similarity) == (10, False)


def test_what_is_left_empty_is_none():
    terms, _ = read(opens_at="", deadline_at="", max_attempts="")
    assert terms is not None
    assert (terms.opens_at, terms.deadline_at, terms.late_until_at, terms.max_attempts) == (None,) * 4


def test_a_date_that_was_not_touched_keeps_its_seconds():
    terms, _ = read(deadline_at="2026-11-30T22:59")
    assert terms is not None
    assert terms.deadline_at == STORED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 200}, "title"),
        ({"deadline_at": "tomorrow"}, "deadline_at"),
        ({"opens_at": "2026-12-01T10:00", "deadline_at": "2026-12-01T10:00"}, "deadline_at"),
        ({"late_until_at": "2026-12-01T10:00"}, "late_until_at"),
        ({"deadline_at": "2026-12-01T10:00", "late_until_at": "2026-12-01T09:00"}, "late_until_at"),
        ({"max_attempts": "0"}, "max_attempts"),
        ({"max_attempts": "many"}, "max_attempts"),
        ({"max_attempts": "9" * 400}, "max_attempts"),
        ({"max_attempts": "²"}, "max_attempts"),
        ({"counts": "mean"}, "counts"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(changes: dict[str, str], field: str):
    terms, problems = read(**changes)
    assert terms is None
    assert set(problems) == {field}
