"""Filters to look through."""

from grader.results.visibility import Audience, Filter, filter_for
from grader.units import VisibilityRules

STAFF = Filter(is_staff=True, names=True, messages=True, hints=True, pictures=True)


def rules(
    names: str = "always", messages: str = "always", hints: str = "always", pictures: str = "always"
) -> VisibilityRules:
    return VisibilityRules(names, messages, hints, pictures)


def student(names: str = "always", messages: str = "always", hints: str = "always") -> Filter:
    """What a student may see before the deadline."""
    return filter_for(rules(names, messages, hints), Audience.STUDENT, deadline_over=False)
