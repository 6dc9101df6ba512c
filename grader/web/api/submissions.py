"""Handing in, listing, cancelling and regrading."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import joinedload

from grader.db.models import CourseUnit, GradingRun, Role, RunReason, Source, Submission, User
from grader.jobs.regrading import regrade
from grader.results.visibility import Audience
from grader.submissions.accept import Upload, accept
from grader.web.access import (
    SubmissionAccess,
    require_course,
    require_submission,
    require_unit,
    require_user,
)
from grader.web.api import blueprint
from grader.web.api.admission import arguments, operation, read_form
from grader.web.api.problems import Problem
from grader.web.api.rates import count_upload
from grader.web.api.runs import identification, regraded_among, status_of, submission_of, unfinished_run
from grader.web.api.values import address
from grader.web.pages.audience import audience_of
from grader.web.service import reading, service
from grader.web.unit_root import root_of

Answer = tuple[dict[str, Any], int, dict[str, str]]

WITH_NAMES = (
    joinedload(Submission.user),
    joinedload(Submission.course_unit).joinedload(CourseUnit.course),
)


@blueprint.post("/submissions")
def create_submission() -> Answer:
    """Hand in an archive; once this has answered, it is stored and queued."""
    user, key = require_user(), arguments()["Idempotency-Key"]
    count_upload(user.id)
    form = read_form(operation())
    access = require_unit(form["course"], form["unit"])
    archive = form["archive"]
    upload = Upload(archive.read(), _printable(archive.filename), Source.API, key)
    accepted = accept(
        service().database,
        service().queue,
        root_of(access.unit),
        access.unit.id,
        user.id,
        upload,
    )
    with service().database.reading() as session:
        submission = session.scalars(_find(accepted.public_id)).one()
        answer = identification(submission)
    repeat = {"Idempotent-Replayed": "true"} if accepted.is_repeat else {}
    return answer, 202, {"Location": answer["urls"]["self"], **repeat}


@blueprint.get("/submissions")
def list_submissions() -> dict[str, Any]:
    """List one's own submissions, or for staff everybody's in a course, newest first."""
    asked, limit = arguments(), arguments()["limit"]
    query, audience = _visible(asked["course"])
    if asked["unit"] is not None:
        query = query.where(CourseUnit.slug == asked["unit"])
    if asked["user"] is not None:
        query = query.where(Submission.user.has(User.email == asked["user"].lower()))
    if asked["state"] is not None:
        query = query.where(GradingRun.state == asked["state"])
    if asked["after"] is not None:
        query = query.where(_is_after(asked["after"]))
    newest_first = query.order_by(Submission.received_at.desc(), Submission.id.desc())
    rows = reading().execute(newest_first.limit(limit + 1).options(*WITH_NAMES)).all()
    page = rows[:limit]
    regraded = regraded_among(reading(), [submission.id for submission, _ in page])
    return {
        "items": [submission_of(found, run, found.id in regraded, audience) for found, run in page],
        "next": _next_page(page[-1][0]) if len(rows) > limit else None,
    }


@blueprint.get("/submissions/<public_id>")
def show_submission(public_id: str) -> dict[str, Any]:
    """Say how a submission stands."""
    access = require_submission(public_id)
    return status_of(reading(), access.submission, audience_of(access))


@blueprint.post("/submissions/<public_id>/cancel")
def cancel_submission(public_id: str) -> dict[str, Any]:
    """End a grading that waits or runs."""
    access = require_submission(public_id)
    with service().database.writing() as session:
        run = unfinished_run(session, access.submission.id)
        if run is not None and run.reason is RunReason.REGRADE and not access.is_staff:
            run = None  # a regrade is the staff's: whoever it may cost points does not stop it
        actor = session.get_one(User, access.user.id)
        is_cancelled = run is not None and service().queue.cancel(session, run, actor, request.remote_addr)
    status = _status_now(access)
    if not is_cancelled and status["state"] != "cancelled":
        raise Problem("already-over", state=status["state"])
    return status


@blueprint.post("/submissions/<public_id>/regrade")
def regrade_submission(public_id: str) -> Answer:
    """Queue another grading; the result before stands until it is there."""
    access = require_submission(public_id, at_least=Role.TA)
    with service().database.writing() as session:
        submission = session.get_one(Submission, access.submission.id)
        actor = session.get_one(User, access.user.id)
        regrade(session, service().queue, submission, actor, request.remote_addr)
    status = _status_now(access)
    return status, 202, {"Location": status["urls"]["self"]}


def _find(public_id: str) -> sa.Select[Submission]:
    return sa.select(Submission).where(Submission.public_id == public_id).options(*WITH_NAMES)


def _status_now(access: SubmissionAccess) -> dict[str, Any]:
    """Return how it stands after what this request has written, which its own session does not see."""
    with service().database.reading() as session:
        submission = session.scalars(_find(access.submission.public_id)).one()
        return status_of(session, submission, audience_of(access))


def _visible(course: str | None) -> tuple[sa.Select[Submission, GradingRun], Audience]:
    """Return the query of what may be listed, with the run that stands, and as whom one sees it.

    One's own submissions of all courses are shown as students see them: one may be staff in some of them.
    """
    query = (
        sa.select(Submission, GradingRun)
        .join(GradingRun, sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands))
        .join(CourseUnit, Submission.course_unit_id == CourseUnit.id)
    )
    if course is None:
        return query.where(Submission.user_id == require_user().id), Audience.STUDENT
    access = require_course(course)
    query = query.where(CourseUnit.course_id == access.course.id)
    if not access.is_staff:
        query = query.where(Submission.user_id == access.user.id)
    return query, audience_of(access)


def _is_after(public_id: str) -> sa.ColumnElement[bool]:
    """Return the condition of coming after this one; Problem if there is none that may be seen."""
    last = require_submission(public_id).submission
    return sa.tuple_(Submission.received_at, Submission.id) < sa.tuple_(
        sa.literal(last.received_at, Submission.received_at.type), sa.literal(last.id)
    )


def _next_page(last: Submission) -> str:
    asked = {name: value for name, value in arguments().items() if value is not None}
    return address("api.list_submissions", **{**asked, "after": last.public_id})


def _printable(filename: str) -> str:
    """Return the file's name as it may be kept: no folders, nothing that does not print, not too long."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in name if character.isprintable())[:200] or "archive"
