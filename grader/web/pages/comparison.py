"""Two attempts of one student side by side."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, request
from werkzeug.exceptions import NotFound

from grader.db.models import CourseUnit, Submission
from grader.results.comparison import Change, Comparison, compare
from grader.results.history import Attempt, history_of
from grader.results.reports import standing_run, whole_report
from grader.web.access import SubmissionAccess, UnitAccess, require_submission, require_unit
from grader.web.limits import heavy
from grader.web.pages import blueprint
from grader.web.pages.audience import allowed_to, audience_of
from grader.web.service import reading


@blueprint.get("/courses/<course>/<unit>/compare", endpoint="compare")
@heavy
def show_comparison(course: str, unit: str) -> str:
    """Show what changed from attempt `from` to attempt `to`; by default the two latest graded ones."""
    access = require_unit(course, unit)
    asked = [_asked(name, access.unit) for name in ("from", "to")]
    owner_ids = {one.submission.user_id for one in asked if one is not None} or {access.user.id}
    if len(owner_ids) > 1:
        raise NotFound  # two people's attempts are no history
    history = history_of(reading(), access.unit, owner_ids.pop(), audience_of(access))
    graded = history.graded
    before, after = _two(graded, *(None if one is None else one.submission.public_id for one in asked))
    return render_template(
        "pages/compare.html",
        course=access.course,
        unit=access.unit,
        access=access,
        owner=next((one.submission.user for one in asked if one is not None), access.user),
        graded=graded,
        is_withheld=history.is_withheld,
        before=before,
        after=after,
        comparison=_compared(access, before, after),
        Change=Change,
    )


def _asked(name: str, unit: CourseUnit) -> SubmissionAccess | None:
    """Return the submission that the query names; NotFound if it is not one of the unit."""
    public_id = request.args.get(name)
    if not public_id:
        return None
    access = require_submission(public_id)
    if access.unit.id != unit.id:
        raise NotFound
    return access


def _two(
    graded: Sequence[Attempt], from_id: str | None, to_id: str | None
) -> tuple[Attempt | None, Attempt | None]:
    """Return the attempts to compare; None for one that has no score, or where there is no other."""
    by_id = {attempt.public_id: attempt for attempt in graded}
    newest = graded[-1] if graded else None
    after = newest if to_id is None else by_id.get(to_id)
    if from_id is not None:
        return by_id.get(from_id), after
    earlier = [attempt for attempt in graded if after is not None and attempt.number < after.number]
    return (earlier[-1] if earlier else None), after


def _compared(access: UnitAccess, before: Attempt | None, after: Attempt | None) -> Comparison | None:
    if before is None or after is None:
        return None
    reports = [
        whole_report(reading(), standing_run(reading(), _submission(attempt).id))
        for attempt in (before, after)
    ]
    old, new = reports
    return None if old is None or new is None else compare(old, new, allowed_to(access))


def _submission(attempt: Attempt) -> Submission:
    return require_submission(attempt.public_id).submission
