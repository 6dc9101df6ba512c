"""Whether the service is well, for machines that ask: /healthz for this process, /readyz for all it needs."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify

from grader.db import migration
from grader.db.database import Database
from grader.service.living import living_workers
from grader.web.service import service

OK = "ok"

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that this process answers; asks nobody else, so a database that is down restarts no web server."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say for each thing that grading needs whether it is there; 503 if one is not."""
    found = checks(service().database)
    ready = all(said == OK for said in found.values())
    response = jsonify(ready=ready, checks=found)
    response.status_code = 200 if ready else 503
    return response


def checks(database: Database) -> dict[str, str]:
    """Return for each need "ok" or what is wrong, as far as can be told."""
    try:
        if not migration.is_current(database):
            return {"database": OK, "schema": "not the newest: run `grader db upgrade`"}
        with database.reading() as session:
            workers = living_workers(session)
    except sa.exc.DBAPIError:
        return {"database": "does not answer"}
    worker = OK if workers else "none is alive: what is handed in waits"
    return {"database": OK, "schema": OK, "worker": worker}
