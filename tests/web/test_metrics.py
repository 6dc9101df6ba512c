"""/metrics: who may ask, and that the numbers are those of the database, whichever process is asked."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import GradingRun, RunReason, RunState, Worker
from grader.jobs.liveness import process_name
from grader.settings import Settings
from grader.web.app import create_app
from tests.people import World, make_run, make_submission
from tests.web.conftest import WaitingQueue

Labels = dict[str, str]


def read(client: FlaskClient, name: str, **labels: str) -> float | None:
    """The value of one sample; None if there is none."""
    response = client.get("/metrics")
    assert response.status_code == 200
    for family in text_string_to_metric_families(response.text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return None


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


class TestAccess:
    @pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.8.8"])
    def test_this_machine_may_ask(self, client: FlaskClient, address: str):
        assert client.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 200

    @pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::1", "", "nonsense"])
    def test_others_find_nothing(self, client: FlaskClient, address: str):
        assert client.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 404

    @pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"])
    def test_what_a_proxy_hands_on_is_not_this_machines(self, client: FlaskClient, header: str):
        assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404

    @pytest.mark.parametrize("forwarded", ["127.0.0.1", "192.0.2.7", "127.0.0.1, 127.0.0.1"])
    def test_nor_behind_trusted_proxies(
        self, settings: Settings, database: Database, queue: WaitingQueue, forwarded: str
    ):
        app = create_app(replace(settings, trusted_proxies=1), database, queue)
        assert app.test_client().get("/metrics", headers={"X-Forwarded-For": forwarded}).status_code == 404
        assert app.test_client().get("/metrics").status_code == 200

    @pytest.mark.parametrize(
        ("authorization", "status"),
        [
            (None, 401),
            ("Bearer wrong", 401),
            ("Bearer ", 401),
            ("Basic czNjcjN0OnMzY3IzdA==", 401),
            ("Bearer s3cr3t-grüße", 401),
            ("Bearer s3cr3t", 200),
        ],
    )
    def test_with_a_token_set_only_it_opens(
        self,
        settings: Settings,
        database: Database,
        queue: WaitingQueue,
        authorization: str | None,
        status: int,
    ):
        app = create_app(replace(settings, metrics_token="s3cr3t"), database, queue)
        headers = {"Authorization": authorization} if authorization else {}
        response = app.test_client().get("/metrics", headers=headers)
        assert response.status_code == status
        if status == 401:
            assert response.headers["WWW-Authenticate"].lower().startswith("bearer")


class TestQueue:
    def test_an_empty_queue(self, client: FlaskClient):
        assert read(client, "grader_queue_length", **{"class": "interactive"}) == 0
        assert read(client, "grader_queue_oldest_seconds", **{"class": "interactive"}) == 0

    def test_length_and_age_by_class(self, client: FlaskClient, world: World, database: Database):
        with database.writing() as session:
            for minutes in (3, 5):
                submission = make_submission(session, world.unit, world.ada)
                make_run(
                    session, submission, state=RunState.QUEUED, queued_at=now() - timedelta(minutes=minutes)
                )
            make_run(session, submission, state=RunState.RUNNING, stands=False, reason=RunReason.REGRADE)
        assert read(client, "grader_queue_length", **{"class": "interactive"}) == 2
        age = read(client, "grader_queue_oldest_seconds", **{"class": "interactive"})
        assert age is not None and 300 <= age < 400
        assert read(client, "grader_queue_length", **{"class": "regrade"}) == 0
        assert read(client, "grader_runs_running", **{"class": "regrade"}) == 1


class TestRuns:
    def test_points_counted_anew_are_no_run_that_took_time(
        self, client: FlaskClient, world: World, database: Database
    ):
        with database.writing() as session:
            submission = make_submission(session, world.unit, world.ada)
            make_run(session, submission, reason=RunReason.RESCORE)
        for kind in ("interactive", "regrade"):
            assert not read(client, "grader_run_seconds_count", **{"class": kind})

    def test_totals_by_outcome(self, client: FlaskClient, world: World, database: Database):
        with database.writing() as session:
            for state in (RunState.GRADED, RunState.GRADED, RunState.PROBLEM, RunState.SUPERSEDED):
                make_run(session, make_submission(session, world.unit, world.ada), state=state)
        counts = {
            outcome: read(client, "grader_runs_finished_total", outcome=outcome, **{"class": "interactive"})
            for outcome in ("graded", "problem", "cancelled", "superseded")
        }
        assert counts == {"graded": 2, "problem": 1, "cancelled": 0, "superseded": 1}

    def test_durations_are_counted_once_each(self, client: FlaskClient, world: World, database: Database):
        interactive = {"class": "interactive"}
        assert read(client, "grader_run_seconds_count", **interactive) is None
        with database.writing() as session:
            moment = now()
            run: GradingRun = make_run(
                session,
                make_submission(session, world.unit, world.ada),
                queued_at=moment - timedelta(seconds=20),
                first_result_at=moment - timedelta(seconds=19.7),
            )
            phases = set(run_timings(session, run))
        for _ in range(2):
            assert read(client, "grader_run_seconds_count", **interactive) == 1
        assert read(client, "grader_first_result_seconds_bucket", le="0.5", **interactive) == 1
        assert read(client, "grader_first_result_seconds_bucket", le="0.25", **interactive) == 0
        for phase in phases:
            assert read(client, "grader_phase_seconds_count", phase=phase) == 1

    def test_runs_of_before_are_not_counted(self, app: Flask, world: World, database: Database):
        with database.writing() as session:
            submission = make_submission(session, world.unit, world.ada)
            make_run(session, submission, finished_at=now() - timedelta(hours=2))
        assert read(app.test_client(), "grader_run_seconds_count") is None


def run_timings(session, run: GradingRun) -> dict[str, float]:  # type: ignore[no-untyped-def]
    from grader.db.models import RunReport

    timings: dict[str, float] = session.get(RunReport, run.id).report["provenance"].get("timings_s", {})
    return timings


def test_living_workers_and_their_slots(client: FlaskClient, database: Database):
    with database.writing() as session:
        for name, stopped_at in (("a", None), ("b", None), ("c", now())):
            session.add(
                Worker(
                    id=name,
                    host="h",
                    pid=os.getpid(),
                    process=process_name(os.getpid()),
                    slots=2,
                    sandbox="docker",
                    warm_examiners=1,
                    stopped_at=stopped_at,
                )
            )
    assert read(client, "grader_workers") == 2
    assert read(client, "grader_worker_slots") == 4
    assert read(client, "grader_examiners", state="warm") == 2
    assert read(client, "grader_examiners", state="used") == 0


def test_requests_by_endpoint(client: FlaskClient):
    for path in ("/healthz", "/healthz", "/no/such/page"):
        client.get(path)
    assert read(client, "grader_request_seconds_count", endpoint="health.healthz", status="2xx") == 2
    assert read(client, "grader_request_seconds_count", endpoint="none", status="4xx") == 1


def test_without_a_database_it_says_so(client: FlaskClient, database: Database):
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE grading_runs RENAME TO elsewhere")
    assert read(client, "grader_database_up") == 0
    assert read(client, "grader_queue_length") is None
