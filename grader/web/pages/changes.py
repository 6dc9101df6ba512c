"""What a student changed: against the template, the attempt before, the reference, or another submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask import render_template, request
from werkzeug.exceptions import Forbidden, NotFound

from grader.db.models import Submission
from grader.reading.differences import Fate, compare_files
from grader.reading.files import HandIn, in_reading_order, reference_of, template_of
from grader.units import Unit
from grader.web.access import SubmissionAccess, require_submission
from grader.web.limits import heavy
from grader.web.pages import blueprint
from grader.web.pages.reading import hand_in_of, shared_context, unit_files
from grader.web.service import reading


@dataclass(frozen=True)
class Base:
    """What the submission is set beside: its name for people, its files, and why there may be none."""

    name: str
    files: Mapping[str, bytes]
    problem: str = ""


@blueprint.get("/submissions/<public_id>/diff", endpoint="changes")
@heavy
def show_changes(public_id: str) -> str:
    """Show the files beside those of `against`; `view` is split or unified, `whole` folds nothing."""
    access = require_submission(public_id)
    against = request.args.get("against", "template")
    view = "unified" if request.args.get("view") == "unified" else "split"
    is_whole = request.args.get("whole") == "1"
    unit, hand_in, previous = unit_files(access), hand_in_of(access), _previous(access)
    base = _base(access, against, unit, previous)
    paths = _paths(base.files, hand_in, unit, against)
    differences = compare_files(base.files, hand_in.files, paths, is_folded=not is_whole)
    return render_template(
        "pages/changes.html",
        **shared_context(access),
        against=against,
        view=view,
        is_whole=is_whole,
        base=base,
        previous=previous,
        problem=hand_in.problem or base.problem,
        changed=[each for each in differences if each.fate is not Fate.SAME],
        unchanged=[each.path for each in differences if each.fate is Fate.SAME],
    )


def _base(access: SubmissionAccess, against: str, unit: Unit, previous: Submission | None) -> Base:
    if against == "template":
        return Base("The template", template_of(unit))
    if against == "reference":
        if not access.is_staff:
            raise Forbidden
        return Base("The reference", reference_of(unit))
    if against == "previous":
        if previous is None:
            return Base("The attempt before", {}, "This is the first attempt, so there is none before it.")
        against = previous.public_id
    other = require_submission(against)
    if other.unit.unit != access.unit.unit:
        raise NotFound
    read, theirs = hand_in_of(other), other.submission
    whose = "" if theirs.user_id == access.submission.user_id else f" of {theirs.user.name}"
    return Base(f"Attempt {theirs.number}{whose}", read.files, read.problem)


def _paths(old: Mapping[str, bytes], hand_in: HandIn, unit: Unit, against: str) -> list[str]:
    """Return what is compared. Of the files around the package, students need hand in none."""
    folder = f"{unit.package_folder}/"
    if against == "reference":
        both = {path for path in (*old, *hand_in.files) if path.startswith(folder) and path.endswith(".py")}
    elif against == "template":
        both = {*hand_in.files, *(path for path in old if path.startswith(folder))}
    else:
        both = {*hand_in.files, *old}
    return in_reading_order(dict.fromkeys(both), unit)


def _previous(access: SubmissionAccess) -> Submission | None:
    """Return the same student's submission before this one."""
    return reading().scalar(
        sa.select(Submission)
        .where(
            Submission.course_unit_id == access.unit.id,
            Submission.user_id == access.submission.user_id,
            Submission.number < access.submission.number,
        )
        .order_by(Submission.number.desc())
        .limit(1)
    )
