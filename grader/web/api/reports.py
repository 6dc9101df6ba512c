"""The report of the run that stands, as its reader may see it."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import NotAcceptable

from grader.db.models import GradingRun, RunState
from grader.results.documents import MEDIA_TYPES, document, gradescope_document
from grader.results.reports import standing_run, whole_report
from grader.results.unit_files import visibility_rules
from grader.web.access import SubmissionAccess, require_submission
from grader.web.api import blueprint
from grader.web.api.problems import Problem
from grader.web.api.runs import UNFINISHED
from grader.web.pages.audience import allowed_to
from grader.web.service import reading
from grader.web.unit_root import root_of

LOOK_AGAIN_S = 2


@blueprint.get("/submissions/<public_id>/report")
def show_report(public_id: str) -> Response:
    """Send the report as JSON, or as JUnit if that is what is accepted."""
    access = require_submission(public_id)
    answer = _send(access, _wanted())
    answer.headers["Vary"] = "Accept"
    return answer


@blueprint.get("/submissions/<public_id>/report.xml")
def show_report_as_junit(public_id: str) -> Response:
    """Send the report as JUnit."""
    return _send(require_submission(public_id), "xml")


@blueprint.get("/submissions/<public_id>/report.gradescope.json")
def show_report_for_gradescope(public_id: str) -> Response:
    """Send the report as Gradescope's results.json; one that failed by our own fault has none."""
    access = require_submission(public_id)
    run = standing_run(reading(), access.submission.id)
    whole = whole_report(reading(), run)
    if whole is None or run.state is RunState.PROBLEM:
        raise _none_yet(run)
    rules = visibility_rules(access.unit.unit, root_of(access.unit))
    made = gradescope_document(whole, rules, allowed_to(access))
    return Response(made.text, mimetype=made.media_type)


def _wanted() -> str:
    """Return the kind of document that the client likes best; JSON if it likes all the same."""
    kinds = {MEDIA_TYPES[kind]: kind for kind in ("json", "xml")}
    if not request.accept_mimetypes:
        return "json"
    best = request.accept_mimetypes.best_match(list(kinds))
    if best is None:
        raise NotAcceptable
    return kinds[best]


def _send(access: SubmissionAccess, kind: str) -> Response:
    run = standing_run(reading(), access.submission.id)
    whole = whole_report(reading(), run)
    if whole is None:
        raise _none_yet(run)
    made = document(kind, whole, access.unit.title, allowed_to(access))
    return Response(made.text, mimetype=made.media_type)


def _none_yet(run: GradingRun) -> Problem:
    wait = {"Retry-After": str(LOOK_AGAIN_S)} if run.state in UNFINISHED else {}
    return Problem("no-report", headers=wait, state=run.state)
