"""Files of a submission: what was handed in, and the report in its formats."""

from __future__ import annotations

from flask import Response, abort

from grader.db.models import RunState
from grader.results.documents import document, gradescope_document
from grader.results.reports import standing_run, whole_report
from grader.results.unit_files import visibility_rules
from grader.web.access import SubmissionAccess, require_submission
from grader.web.limits import heavy
from grader.web.pages import blueprint
from grader.web.pages.attachment import attachment
from grader.web.pages.audience import allowed_to
from grader.web.service import reading
from grader.web.unit_root import root_of

_ARCHIVES = ((b"PK", ".zip", "application/zip"), (b"\x1f\x8b", ".tar.gz", "application/gzip"))
_TAR = (".tar", "application/x-tar")


@blueprint.get("/submissions/<public_id>/archive", endpoint="archive")
def send_archive(public_id: str) -> Response:
    """Send the bytes that were handed in."""
    access = require_submission(public_id)
    content = access.submission.archive.content
    suffix, media_type = next(
        ((suffix, kind) for start, suffix, kind in _ARCHIVES if content.startswith(start)), _TAR
    )
    return attachment(content, _name(access) + suffix, media_type)


@blueprint.get("/submissions/<public_id>/report.<any(json, xml, html):kind>", endpoint="report")
@heavy
def send_report(public_id: str, kind: str) -> Response:
    """Send the standing run's report, with what the asker may see of it; NotFound before there is one."""
    access = require_submission(public_id)
    whole = whole_report(reading(), standing_run(reading(), access.submission.id))
    if whole is None:
        abort(404)
    made = document(kind, whole, access.unit.title, allowed_to(access))
    return attachment(made.text, f"{_name(access)}-report.{kind}", made.media_type)


@blueprint.get("/submissions/<public_id>/report.gradescope.json", endpoint="report_for_gradescope")
def send_report_for_gradescope(public_id: str) -> Response:
    """Send the same as Gradescope's results.json; NotFound if there is none, also after a failure of ours."""
    access = require_submission(public_id)
    run = standing_run(reading(), access.submission.id)
    whole = whole_report(reading(), run)
    if whole is None or run.state is RunState.PROBLEM:
        abort(404)
    rules = visibility_rules(access.unit.unit, root_of(access.unit))
    made = gradescope_document(whole, rules, allowed_to(access))
    return attachment(made.text, f"{_name(access)}-results.json", made.media_type)


def _name(access: SubmissionAccess) -> str:
    """Return how the files are called: staff keep those of many people in one folder."""
    name = f"{access.unit.slug}-{access.submission.number}"
    return name if access.is_owner else f"{access.submission.user.name}-{name}"
