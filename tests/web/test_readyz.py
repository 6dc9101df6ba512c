"""/readyz: says for each thing that grading needs whether it is there."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from grader.db import migration
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Worker
from grader.jobs.liveness import process_name
from tests.postgresql import postgres_server, programs

MakeWorker = Callable[..., None]
NONE_ALIVE = "none is alive: what is handed in waits"


@pytest.fixture
def make_worker(database: Database) -> MakeWorker:
    """Stores a worker that is this very process, so it is alive."""

    def make(**fields: Any) -> None:
        usual = {"id": "w", "host": "h", "pid": os.getpid(), "slots": 2, "sandbox": "docker"}
        with database.writing() as session:
            session.add(Worker(**{**usual, "process": process_name(os.getpid()), **fields}))

    return make


def checks(app: Flask) -> tuple[int, dict[str, str]]:
    response = app.test_client().get("/readyz")
    assert response.json is not None
    assert response.json["ready"] == (response.status_code == 200)
    return response.status_code, response.json["checks"]


def test_all_is_there(app: Flask, make_worker: MakeWorker):
    make_worker()
    assert checks(app) == (200, {"database": "ok", "schema": "ok", "worker": "ok"})


def test_no_worker(app: Flask):
    assert checks(app) == (503, {"database": "ok", "schema": "ok", "worker": NONE_ALIVE})


@pytest.mark.parametrize(
    "fields",
    [
        {"stopped_at": now()},
        {"heartbeat_at": now() - timedelta(minutes=2)},
        {"process": process_name(os.getpid()) + "0"},  # type: ignore[operator]
    ],
    ids=["stopped", "silent", "dead on this machine"],
)
def test_a_worker_that_is_no_more_does_not_count(app: Flask, make_worker: MakeWorker, fields: dict[str, Any]):
    make_worker(**fields)
    assert checks(app)[1]["worker"] == NONE_ALIVE


def test_an_older_schema(app: Flask, database: Database):
    migration.downgrade(database, "base")
    assert checks(app) == (503, {"database": "ok", "schema": "not the newest: run `grader db upgrade`"})


def test_a_database_that_does_not_answer(app: Flask, monkeypatch: pytest.MonkeyPatch):
    """The server is real and has gone."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed: run `make setup`")
    from grader.db.database import open_database
    from grader.web.service import EXTENSION, Service

    with postgres_server(syncs=False) as server:
        gone = open_database(server.url("postgres"))
    old: Service = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = Service(old.settings, gone, old.queue)
    assert checks(app) == (503, {"database": "does not answer"})
    gone.close()
