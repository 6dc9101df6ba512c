"""The HTTP API, version 1: what programs do for people.

Theory of operation. `openapi.json` is the contract, written by hand, and it is not only told but obeyed:
`contract` reads from it which parameters and fields an operation has and which scope it needs, and
`admission` holds every request against that before a view sees it: token, rate limit, scope, parameters, in
this order, and the body last. A view is a function named after its `operationId`. Whatever goes wrong is a
`Problem` of the list `x-problems` in the document. Views decide nothing about rights themselves: they
ask `grader.web.access`, as pages do. What they show of results has gone through `grader.results`.

`submissions` hands in, lists, cancels and regrades; `runs` finds the run that is shown and says how it
stands; `reports` and `events` (with `live_events` and `streams`) show results and live progress; `courses`
and `account` what there is; `webhooks` who is told of grades; `documentation` the contract itself.
"""

from flask import Blueprint

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

from grader.web.api import (  # noqa: E402, F401  # they add their routes to the blueprint
    account,
    admission,
    courses,
    documentation,
    events,
    problems,
    reports,
    submissions,
    webhooks,
)
