"""A run's progress as small JSON, which the submission's page asks for while it is open."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from grader.db.models import RunState
from grader.jobs.queue_position import queue_position
from grader.results import drawing
from grader.results.live import live_of
from grader.results.reports import standing_run
from grader.results.unit_files import mnist_threshold
from grader.web.access import require_submission
from grader.web.pages import blueprint
from grader.web.pages.audience import allowed_to
from grader.web.pages.wording import waiting
from grader.web.service import reading
from grader.web.unit_root import root_of


@blueprint.get("/submissions/<public_id>/progress", endpoint="progress")
def show_progress(public_id: str) -> Response:
    """Send what has happened since event number `after`.

    Always `state`; while it waits, `waiting` in words; while it runs, `fence` (which goes up when another
    worker begins anew, with events from 1), `number` of the last event, `phase`, `done` of `total`,
    `passed`, `epochs` of `epochs_total`, the new `tests`, and `charts` as markup when an epoch has come in.
    """
    access = require_submission(public_id)
    run = standing_run(reading(), access.submission.id)
    said: dict[str, Any] = {"state": run.state.value}
    if run.state is RunState.QUEUED:
        said["waiting"] = waiting(queue_position(reading(), run))
    elif run.state is RunState.RUNNING:
        after = request.args.get("after", 0, type=int)
        live = live_of(reading(), run, allowed_to(access))
        said |= {
            "fence": run.fence,
            "number": live.number,
            "phase": live.phase,
            "done": live.done,
            "total": live.total,
            "passed": live.passed,
            "epochs": len(live.epochs),
            "epochs_total": live.epochs_total,
            "tests": [
                {
                    "group": test.group,
                    "title": test.group_title,
                    "name": test.name,
                    "outcome": test.outcome.value,
                    "words": test.outcome_words,
                }
                for test in live.tests
                if test.number > after
            ],
        }
        if live.last_epoch_number > after:
            threshold = mnist_threshold(access.unit.unit, root_of(access.unit))
            said["charts"] = drawing.live_charts(live, threshold)
    return jsonify(said)
