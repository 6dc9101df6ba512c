"""A unit's page: when it is due, how to hand in, and what one has handed in so far."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from flask import render_template

from grader.db.base import now
from grader.db.models import CourseUnit
from grader.git.repositories import address_of
from grader.grades.trail import Line, concerning
from grader.results import drawing
from grader.results.history import History, history_of
from grader.submissions.limits import MIB, IntakeLimits
from grader.submissions.policy import refusal
from grader.unit_cache import current_unit
from grader.web.access import UnitAccess, require_unit
from grader.web.pages import blueprint
from grader.web.pages.audience import audience_of
from grader.web.pages.marks import marks_shown
from grader.web.pages.wording import time_left
from grader.web.service import reading, service
from grader.web.unit_root import root_of


@dataclass(frozen=True)
class NotTaken:
    """Why an upload was not taken: (path or "", what is wrong and how to mend it) each."""

    reasons: tuple[tuple[str, str], ...]


@blueprint.get("/courses/<course>/<unit>/", endpoint="unit")
def show_unit(course: str, unit: str) -> str:
    """Show the unit to a member of its course."""
    return unit_page(require_unit(course, unit))


def unit_page(access: UnitAccess, not_taken: NotTaken | None = None) -> str:
    """Return the unit's page, with what was wrong with an upload if there was one."""
    history = history_of(reading(), access.unit, access.user.id, audience_of(access))
    terms, at = history.terms, now()
    files = current_unit(access.unit.unit, root_of(access.unit))
    decided = concerning(reading(), access.unit, access.user.id, for_student=True)
    closed = refusal(terms, history.used, at)
    return render_template(
        "pages/unit.html",
        course=access.course,
        unit=access.unit,
        access=access,
        history=history,
        terms=terms,
        decided=decided,
        released_at=_released_at(access.unit, decided),
        chart=drawing.score_chart(history),
        attempts_left=terms.attempts_left(history.used),
        closed=closed,
        is_late=terms.is_late(at),
        left=None if terms.deadline_at is None else time_left(terms.deadline_at, at),
        package_folder=files.package_folder,
        required_files=files.required_files,
        max_mib=IntakeLimits().archive_bytes // MIB,
        max_bytes=IntakeLimits().archive_bytes,
        not_taken=not_taken,
        git_address=address_of(
            service().settings.public_url, access.course.slug, access.unit.slug, access.user.email
        ),
        upload_key=secrets.token_urlsafe(12),
        comparable=_comparable(history),
        marks=marks_shown(access),
    )


def _released_at(unit: CourseUnit, decided: list[Line]) -> datetime | None:
    """Return when the grades were released, if that was the last that was decided about seeing them."""
    if unit.are_grades_withheld:
        return None
    return next((line.at for line in decided if line.action == "grades.release"), None)


def _comparable(history: History) -> tuple[str, str] | None:
    """Return the two latest graded attempts, for the comparison that is asked for most."""
    graded = history.graded
    return (graded[-2].public_id, graded[-1].public_id) if len(graded) > 1 else None
