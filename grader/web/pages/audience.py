"""For whom a page is, and so what of a unit's results it may show."""

from __future__ import annotations

from grader.db.base import now
from grader.results.reports import filter_of
from grader.results.visibility import Audience, Filter
from grader.web.access import UnitAccess
from grader.web.service import service


def allowed_to(access: UnitAccess) -> Filter:
    """Return what this person may see of results of the unit, now."""
    audience = Audience.STAFF if access.is_staff else Audience.STUDENT
    return filter_of(access.unit, audience, service().settings.units_root, now())
