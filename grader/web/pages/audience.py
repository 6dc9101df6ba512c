"""For whom a page is, and so what of a unit's results it may show."""

from __future__ import annotations

from grader.db.base import now
from grader.results.reports import filter_of
from grader.results.visibility import Audience, Filter
from grader.web.access import CourseAccess, UnitAccess
from grader.web.service import reading
from grader.web.unit_root import root_of


def allowed_to(access: UnitAccess) -> Filter:
    """Return what this person may see of results of the unit, now."""
    return filter_of(reading(), access.unit, audience_of(access), root_of(access.unit), now())


def audience_of(access: CourseAccess) -> Audience:
    """Return as whom this person sees results in the course."""
    return Audience.STAFF if access.is_staff else Audience.STUDENT
