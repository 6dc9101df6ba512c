"""The code that was handed in: with flags and failures for staff, and the staff's comments for both."""

from __future__ import annotations

from flask import render_template, request

from grader.reading.comments import MAX_CHARS, are_shown, comments_on
from grader.reading.files import template_of
from grader.reading.listing import make_listing
from grader.reading.marks import marks_of
from grader.results.reports import standing_run, whole_report
from grader.web.access import require_submission
from grader.web.limits import heavy
from grader.web.pages import blueprint
from grader.web.pages.reading import hand_in_of, shared_context, unit_files
from grader.web.service import reading

FLAG_TITLES = {
    "off-limits-api": "Off limits",
    "noted-api": "Noted",
    "failed-here": "Failed here",
}


@blueprint.get("/submissions/<public_id>/code", endpoint="code")
@heavy
def show_code(public_id: str) -> str:
    """Show the files; `file` opens one more. Staff get a form at its `line`, or in their comment `edit`."""
    access = require_submission(public_id)
    is_shown = are_shown(access.unit, is_staff=access.is_staff)
    comments = comments_on(reading(), access.submission.id) if is_shown else []
    hand_in, unit = hand_in_of(access), unit_files(access)
    opened = request.args.get("file", "")
    result = None
    if access.is_staff:  # students see none of the marks
        result = whole_report(reading(), standing_run(reading(), access.submission.id))
    listing = make_listing(hand_in, unit, template_of(unit), marks_of(result), comments, opened)
    return render_template(
        "pages/code.html",
        **shared_context(access),
        listing=listing,
        problem=hand_in.problem,
        opened=opened,
        line=request.args.get("line", None, type=int),
        edited=request.args.get("edit", ""),
        max_chars=MAX_CHARS,
        flag_titles=FLAG_TITLES,
    )
