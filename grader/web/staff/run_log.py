"""How a submission was graded, as far as it is kept, and whether the same run gives the same result again."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import aliased
from werkzeug.wrappers import Response

from grader.db.models import GradingRun, Role, RunState, Submission, UnitVersion, User
from grader.jobs.regrading import replay
from grader.results.comparison import Comparison, compare
from grader.results.repeating import verdict_differences
from grader.results.reports import standing_run, whole_report
from grader.results.run_log import run_log
from grader.web.access import SubmissionAccess, require_submission
from grader.web.pages.audience import allowed_to
from grader.web.pages.reading import shared_context
from grader.web.service import reading, service
from grader.web.staff import blueprint


@dataclass(frozen=True)
class Repetition:
    """A replay beside the run that it repeats; without a result, `comparison` is None."""

    run: GradingRun
    differences: list[str]
    comparison: Comparison | None
    is_by_other_tests: bool


@blueprint.get("/submissions/<public_id>/log", endpoint="run_log")
def show_run_log(public_id: str) -> str:
    """Show all runs of the submission, and of the one that stands whatever is kept of it."""
    access = require_submission(public_id, at_least=Role.TA)
    run = standing_run(reading(), access.submission.id)
    result = whole_report(reading(), run)
    runs = _runs(access)
    return render_template(
        "staff/run_log.html",
        **shared_context(access),
        run=run,
        result=result,
        log=None if result is None else run_log(result),
        runs=runs,
        repetitions=[_repetition(access, each) for each, *_ in runs if each.repeats_run_id is not None],
        can_replay=run.state is RunState.GRADED,
    )


@blueprint.post("/submissions/<public_id>/replay", endpoint="replay")
def replay_submission(public_id: str) -> Response:
    """Queue a run with the seed of the one that stands, to see whether its result repeats."""
    access = require_submission(public_id, at_least=Role.TA)
    with service().database.writing() as session:
        submission = session.get_one(Submission, access.submission.id)
        run = replay(session, service().queue, submission, access.user, request.remote_addr)
    if run is None:
        flash("Only a graded run can be replayed.", "error")
    else:
        flash("The replay waits for a worker. The result that stands stays as it is.", "good")
    return redirect(url_for("staff.run_log", public_id=public_id, _anchor="replay"), code=303)


def _runs(access: SubmissionAccess) -> list[tuple[GradingRun, str | None, str | None]]:
    """Return the submission's runs, the newest first, with who asked for each and the tests' digest."""
    asker = aliased(User)
    query = (
        sa.select(GradingRun, asker.name, UnitVersion.digest)
        .outerjoin(asker, GradingRun.requested_by_id == asker.id)
        .outerjoin(UnitVersion, GradingRun.unit_version_id == UnitVersion.id)
        .where(GradingRun.submission_id == access.submission.id)
        .order_by(GradingRun.id.desc())
    )
    return [(run, name, digest) for run, name, digest in reading().execute(query)]


def _repetition(access: SubmissionAccess, run: GradingRun) -> Repetition:
    repeated = reading().get_one(GradingRun, run.repeats_run_id)
    before, after = whole_report(reading(), repeated), whole_report(reading(), run)
    if run.state is not RunState.GRADED or before is None or after is None:
        return Repetition(run, [], None, False)
    return Repetition(
        run,
        verdict_differences(before, after),
        compare(before, after, allowed_to(access)),
        repeated.unit_version_id != run.unit_version_id,
    )
