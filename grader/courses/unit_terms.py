"""A unit's form: texts to values, with a problem for each that makes no sense."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from grader.accounts import names
from grader.db.models import Counting, CourseUnit

MAX_TITLE_CHARACTERS = 120
MAX_ATTEMPTS = 10_000
DATES = ("opens_at", "deadline_at", "late_until_at")

ReadMoment = Callable[[Mapping[str, str], str], datetime | None]


@dataclass(frozen=True)
class UnitTerms:
    """What the set-up page decides of a unit; the fields are those of `CourseUnit`."""

    title: str
    is_published: bool
    opens_at: datetime | None
    deadline_at: datetime | None
    late_until_at: datetime | None
    max_attempts: int | None
    counts: Counting
    checks_similarity: bool


def terms_of(unit: CourseUnit) -> UnitTerms:
    """Return the unit's terms as they are."""
    return UnitTerms(**{field: getattr(unit, field) for field in UnitTerms.__dataclass_fields__})


def read_terms(
    form: Mapping[str, str], unit: CourseUnit, read_moment: ReadMoment
) -> tuple[UnitTerms | None, dict[str, str]]:
    """Return what was typed, and the problems by field; no terms if there are any.

    `read_moment` reads a field's date. A date shown to the minute that was not touched keeps its seconds.
    """
    problems: dict[str, str] = {}
    title = names.normal(form.get("title", ""))
    if problem := title_problem(title):
        problems["title"] = problem
    dates = {field: _date(form, field, unit, read_moment, problems) for field in DATES}
    max_attempts = _count(form.get("max_attempts", "").strip(), problems)
    try:
        counts = Counting(form.get("counts", Counting.BEST))
    except ValueError:
        counts, problems["counts"] = Counting.BEST, "Please choose one of the two."
    problems |= {field: text for field, text in _disorder(**dates).items() if field not in problems}
    if problems:
        return None, problems
    return (
        UnitTerms(
            title=title,
            is_published="is_published" in form,
            max_attempts=max_attempts,
            counts=counts,
            checks_similarity="checks_similarity" in form,
            **dates,
        ),
        {},
    )


def title_problem(title: str) -> str:
    """Return why a `names.normal` title is none, "" if it is one."""
    found = names.problem(title, MAX_TITLE_CHARACTERS)
    return "Please enter a title." if found == "Please enter a name." else found


def _date(
    form: Mapping[str, str],
    field: str,
    unit: CourseUnit,
    read_moment: ReadMoment,
    problems: dict[str, str],
) -> datetime | None:
    try:
        typed = read_moment(form, field)
    except ValueError as error:
        problems[field] = str(error)
        return None
    stored: datetime | None = getattr(unit, field)
    if typed is not None and stored is not None and typed == stored.replace(second=0, microsecond=0):
        return stored
    return typed


def _count(text: str, problems: dict[str, str]) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MAX_ATTEMPTS):
        problems["max_attempts"] = "Enter a whole number from 1, or leave it empty for any number."
        return None
    return int(text)


def _disorder(
    opens_at: datetime | None, deadline_at: datetime | None, late_until_at: datetime | None
) -> dict[str, str]:
    """Return what is wrong with the order of the dates."""
    found = {}
    if opens_at and deadline_at and opens_at >= deadline_at:
        found["deadline_at"] = "The deadline must be after the opening."
    if late_until_at and deadline_at is None:
        found["late_until_at"] = "Nothing is late without a deadline: enter one, or leave this empty."
    if late_until_at and deadline_at and late_until_at <= deadline_at:
        found["late_until_at"] = "This must be after the deadline."
    return found
