"""The review queue: what the judge found odd, the evidence for it, and what staff make of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, Forbidden, NotFound
from werkzeug.wrappers import Response

from grader.db.models import CourseUnit, FlagVerdict, Role, RunState
from grader.results.reports import standing_run, whole_report
from grader.review.evidence import files_of, lines_around
from grader.review.kinds import KIND_WORDS, Kind, code_words, codes_of
from grader.review.meanings import MEANINGS
from grader.review.queue import FlaggedAttempt, Group, Search, case_of, cases
from grader.review.settling import MOVED_ON, settle, take_back
from grader.unit_cache import current_unit
from grader.web.access import CourseAccess, SubmissionAccess, require_course, require_submission
from grader.web.service import end_reading, reading, service
from grader.web.staff import blueprint

PAGE_CASES = 25
TAKE_BACK = "take_back"
STATES = {"open": "open", "settled": "settled", "all": "open and settled"}
ATTEMPTS = {"counting": "that count", "all": "all"}


@blueprint.get("/courses/<course>/review", endpoint="review")
def show_queue(course: str) -> str:
    """Show what waits to be looked at, or what the filter asks for."""
    access = require_course(course, at_least=Role.TA)
    units = _units(access)
    chosen = _filter()
    unit_id = next((unit.id for unit in units if unit.slug == chosen.get("unit")), None)
    found = cases(
        reading(),
        units,
        Search(
            unit_id=unit_id,
            kind=Kind(chosen["kind"]) if "kind" in chosen else None,
            settled={"open": False, "settled": True, "all": None}[chosen.get("state", "open")],
            counting=chosen.get("attempts") != "all",
        ),
    )
    pages = max(1, math.ceil(len(found) / PAGE_CASES))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "staff/review.html",
        course=access.course,
        access=access,
        units=units,
        cases=found[(page - 1) * PAGE_CASES : page * PAGE_CASES],
        total=len(found),
        page=page,
        pages=pages,
        chosen=chosen,
        kinds=KIND_WORDS,
        states=STATES,
        attempts=ATTEMPTS,
    )


@blueprint.get("/courses/<course>/review/flags", endpoint="review_flags")
def show_meanings(course: str) -> str:
    """Show what each flag means."""
    access = require_course(course, at_least=Role.TA)
    return render_template(
        "staff/review_flags.html",
        course=access.course,
        access=access,
        kinds={kind: codes_of(kind) for kind in Kind},
        words=KIND_WORDS,
        code_words=code_words,
        meanings=MEANINGS,
    )


@blueprint.get("/courses/<course>/review/<public_id>", endpoint="review_evidence")
def show_evidence(course: str, public_id: str) -> str:
    """Show everything that is flagged of the submission's student in its unit, with the evidence."""
    return _evidence_page(_access(course, public_id))


@blueprint.post("/courses/<course>/review/<public_id>", endpoint="settle_review")
def decide(course: str, public_id: str) -> Response | tuple[str, int]:
    """Dismiss or act on the submission's flags of one code, or take a decision back."""
    access = _access(course, public_id)
    if access.is_owner:
        raise Forbidden  # nobody settles what is flagged in their own work
    form = request.form
    code, act, seen_id = form.get("code", ""), form.get("act", ""), form.get("seen", type=int)
    if act not in (TAKE_BACK, *FlagVerdict):
        raise BadRequest
    with service().database.writing() as session:
        if act == TAKE_BACK:
            why_not = take_back(
                session, access.unit, access.submission, code, seen_id, access.user, request.remote_addr
            )
        else:
            why_not = settle(
                session,
                access.unit,
                access.submission,
                code,
                FlagVerdict(act),
                form.get("note", ""),
                seen_id,
                access.user,
                request.remote_addr,
            )
    end_reading()
    access = _access(course, public_id)  # as it is now that this is written
    if why_not:
        return _evidence_page(access, code, why_not), 409 if why_not == MOVED_ON else 422
    case = case_of(reading(), access.submission, access.unit)
    left = [group for group in (case.groups if case else ()) if _waits(group)]
    here: dict[str, Any] = {"course": course, **_filter()}
    if act == TAKE_BACK or left:
        flash("It is open again." if act == TAKE_BACK else "That is settled.", "good")
        return redirect(url_for("staff.review_evidence", public_id=public_id, **here), code=303)
    flash(f"{access.submission.user.name}’s work in {access.unit.title} is settled.", "good")
    return redirect(url_for("staff.review", **here), code=303)


def _evidence_page(access: SubmissionAccess, code: str = "", problem: str = "") -> str:
    """Return the page; `problem` is what is wrong with the form of the flags of this code."""
    session, submission, unit = reading(), access.submission, access.unit
    case = case_of(session, submission, unit)
    run = standing_run(session, submission.id)
    report = whole_report(session, run) if run.state is RunState.GRADED else None
    all_groups = case.groups if case else []
    own = [(group, attempt) for group in all_groups if (attempt := _attempt_in(group, submission.id))]
    own.sort(key=lambda pair: (pair[0].kind is Kind.NOTES, pair[0].decision is not None))
    files: Mapping[str, bytes] = {}
    if own:
        files = files_of(
            submission.archive.content,
            submission.filename,
            current_unit(unit.unit, service().settings.units_root),
        )
    return render_template(
        "staff/review_evidence.html",
        course=access.course,
        of_unit=unit,
        access=access,
        submission=submission,
        run=run,
        groups=[
            {"group": group, "flags": [(flag, lines_around(files, flag)) for flag in attempt.flags]}
            for group, attempt in own
        ],
        elsewhere=[group for group in all_groups if _waits(group) and not _attempt_in(group, submission.id)],
        mnist=None if report is None else report.mnist,
        code=code,
        problem=problem,
        typed=request.form.get("note", "") if problem else "",
        chosen=_filter(),
        decides_grades="staff.student" in current_app.view_functions,
    )


def _attempt_in(group: Group, submission_id: int) -> FlaggedAttempt | None:
    return next((attempt for attempt in group.attempts if attempt.submission_id == submission_id), None)


def _waits(group: Group) -> bool:
    """Whether somebody should look at the group: notes are nobody's task."""
    return group.decision is None and group.kind is not Kind.NOTES


def _access(course: str, public_id: str) -> SubmissionAccess:
    """Return the asker's place at a submission of this course; NotFound for one of another."""
    require_course(course, at_least=Role.TA)
    access = require_submission(public_id, at_least=Role.TA)
    if access.course.slug != course:
        raise NotFound
    return access


def _units(access: CourseAccess) -> list[CourseUnit]:
    return list(
        reading().scalars(
            sa.select(CourseUnit)
            .where(CourseUnit.course_id == access.course.id)
            .order_by(CourseUnit.position, CourseUnit.id)
        )
    )


def _filter() -> dict[str, str]:
    """Return the queue's filter as the query has it, without what it can't mean or says by default."""
    allowed = {"kind": [kind.value for kind in Kind], "state": ["settled", "all"], "attempts": ["all"]}
    given = {name: value for name in allowed if (value := request.args.get(name)) in allowed[name]}
    unit = request.args.get("unit", "")
    return {**({"unit": unit} if unit else {}), **given}
