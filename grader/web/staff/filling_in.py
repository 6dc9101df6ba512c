"""What staff type into the forms of decisions, with its problems: a form comes back as it was filled in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.db.models import CourseUnit
from grader.grades import allowances, reasons
from grader.grades.allowances import Grant
from grader.web.local_moments import as_typed, read_moment

_MOMENTS = ("deadline_at", "late_until_at")


@dataclass(frozen=True)
class Filled:
    """A form that comes back: which one, what was typed, and what is wrong with it by field."""

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    def value(self, form: str, name: str) -> str:
        """Return what was typed into this field of this form."""
        return self.values.get(name, "") if form == self.form else ""

    def problem(self, form: str, name: str) -> str:
        """Return what is wrong with this field of this form, "" for nothing."""
        return self.problems.get(name, "") if form == self.form else ""


def read_grant(
    course_unit: CourseUnit, form: Mapping[str, str], user_id: int | None = None, section: str | None = None
) -> tuple[Grant, dict[str, str]]:
    """Return what the form grants, and what is wrong with it by field."""
    misread: dict[str, str] = {}
    moments = {}
    for name in _MOMENTS:
        try:
            moments[name] = read_moment(form, name)
        except ValueError as error:
            misread[name], moments[name] = str(error), None
    grant = Grant(
        reasons.normal(form.get("reason", "")),
        user_id,
        section,
        extra_attempts=_count(form.get("extra_attempts", "")),
        **moments,
    )
    return grant, {**allowances.problems(course_unit, grant), **misread}


def refused_grant(form: Mapping[str, str], problems: Mapping[str, str]) -> Filled:
    """Return the form of a grant as it comes back."""
    return Filled("allow", as_typed(form, _MOMENTS), problems)


def read_number(text: str) -> float:
    """Return the number that was typed, with a point or a comma; NaN, which is refused, for none."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return math.nan


def _count(text: str) -> int:
    """Return the number that was typed, 0 for none; -1, which is refused, for what is no number."""
    text = text.strip()
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
