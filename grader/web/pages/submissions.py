"""A submission's page: waiting, being graded, or its result; and what may be done to it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import aliased
from werkzeug.wrappers import Response

from grader.db.models import GradingRun, Regrade, RegradedSubmission, Role, RunState, Submission
from grader.grades.terms import terms_for, unit_terms
from grader.jobs.queue_position import queue_position
from grader.jobs.regrading import regrade
from grader.results import drawing
from grader.results.live import live_of
from grader.results.reports import standing_run, whole_report
from grader.results.unit_files import mnist_threshold
from grader.results.visibility import is_hidden
from grader.web.access import SubmissionAccess, require_submission
from grader.web.pages import blueprint
from grader.web.pages.audience import allowed_to
from grader.web.pages.reading import shown_comment_count
from grader.web.pages.wording import waiting
from grader.web.service import reading, service
from grader.web.unit_root import root_of


@blueprint.get("/submissions/<public_id>", endpoint="submission")
def show_submission(public_id: str) -> str:
    """Show the submission to its owner or staff, in whatever state it is."""
    access = require_submission(public_id)
    run, allowed = standing_run(reading(), access.submission.id), allowed_to(access)
    runs = _all_runs(access)
    shared = {
        "course": access.course,
        "unit": access.unit,
        "submission": access.submission,
        "access": access,
        "run": run,
        "runs": runs,
        "is_regraded": any(not each.state.is_final for each in runs if each.decides),
        "comment_count": shown_comment_count(access),
        "allowed": allowed,
    }
    if not run.state.is_final:
        live = live_of(reading(), run, allowed)
        threshold = mnist_threshold(access.unit.unit, root_of(access.unit))
        return render_template(
            "pages/live.html",
            **shared,
            live=live,
            icons=drawing.icons(),
            charts=drawing.live_charts(live, threshold),
            waiting=waiting(queue_position(reading(), run)) if run.state is RunState.QUEUED else "",
        )
    whole = whole_report(reading(), run)
    if run.state is not RunState.GRADED or whole is None:
        return render_template("pages/no_result.html", **shared, newer=_newest(access))
    if allowed.withheld:
        return render_template("pages/withheld.html", **shared)
    return render_template(
        "pages/result.html",
        **shared,
        parts=drawing.report_parts(whole, allowed),
        has_hidden=any(is_hidden(test) for test in whole.tests),
        closes_at=_closes_for_all_at(access),
        earlier=_graded_before(access),
        **_regrade_of(run),
    )


@blueprint.post("/submissions/<public_id>/cancel", endpoint="cancel")
def cancel_submission(public_id: str) -> Response:
    """End the grading of a submission that waits or runs."""
    access = require_submission(public_id)
    with service().database.writing() as session:
        run = session.get_one(GradingRun, standing_run(reading(), access.submission.id).id)
        ended = service().queue.cancel(session, run, access.user, request.remote_addr)
    if not ended:
        flash("It was over already, so there was nothing to cancel.")
    return redirect(url_for("pages.submission", public_id=public_id), code=303)


@blueprint.post("/submissions/<public_id>/regrade", endpoint="regrade")
def regrade_submission(public_id: str) -> Response:
    """Queue another run of the submission; for staff."""
    access = require_submission(public_id, at_least=Role.TA)
    with service().database.writing() as session:
        submission = session.get_one(Submission, access.submission.id)
        regrade(session, service().queue, submission, access.user, request.remote_addr)
    flash("It will be graded again. Until that is done, the result so far stands.", "good")
    return redirect(url_for("pages.submission", public_id=public_id), code=303)


def _closes_for_all_at(access: SubmissionAccess) -> datetime | None:
    """Return when hidden tests are told of, if it is the student's own closing time; None otherwise.

    A later one would tell that somebody else was granted more time, and how much.
    """
    own = terms_for(reading(), access.unit, access.submission.user_id).closes_at()
    for_all = unit_terms(reading(), [access.unit])[access.unit.id].closes_for_all_at()
    return own if own == for_all else None


def _regrade_of(run: GradingRun) -> dict[str, object]:
    """Return the regrade by which the run stands, and the score that stood before; None each without one."""
    if run.regrade_id is None:
        return {"regrade": None, "score_before": None}
    replaced = aliased(GradingRun)
    score_before = reading().scalar(
        sa.select(replaced.score)
        .join(RegradedSubmission, RegradedSubmission.replaced_run_id == replaced.id)
        .where(RegradedSubmission.run_id == run.id)
    )
    return {"regrade": reading().get(Regrade, run.regrade_id), "score_before": score_before}


def _all_runs(access: SubmissionAccess) -> list[GradingRun]:
    """Return the submission's runs, the newest first."""
    query = sa.select(GradingRun).where(GradingRun.submission_id == access.submission.id)
    return list(reading().scalars(query.order_by(GradingRun.id.desc())))


def _graded_before(access: SubmissionAccess) -> str | None:
    """Return the public id of the same student's last graded submission before this one."""
    return reading().scalar(
        _of_same_student(access)
        .join(GradingRun, sa.and_(GradingRun.submission_id == Submission.id, GradingRun.stands))
        .where(Submission.number < access.submission.number, GradingRun.score.is_not(None))
        .order_by(Submission.number.desc())
        .limit(1)
    )


def _newest(access: SubmissionAccess) -> str | None:
    """Return the public id of the same student's newest submission, if it is another one."""
    newest = reading().scalar(_of_same_student(access).order_by(Submission.number.desc()).limit(1))
    return None if newest == access.submission.public_id else newest


def _of_same_student(access: SubmissionAccess) -> sa.Select[str]:
    return sa.select(Submission.public_id).where(
        Submission.course_unit_id == access.unit.id, Submission.user_id == access.submission.user_id
    )
