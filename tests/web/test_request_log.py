"""The log of requests: who asked for which page, never what they sent; every answer carries its id."""

from typing import Any

import pytest
import structlog
from flask import Flask
from structlog.testing import capture_logs

from tests.people import World, make_run, make_submission
from tests.web.conftest import ClientOf


def logged(app: Flask, path: str, **request: Any) -> tuple[Any, list[dict[str, Any]]]:
    structlog.reset_defaults()
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as events:
        response = app.test_client().open(path, buffered=True, **request)
    return response, events


def test_a_request_is_one_event_with_its_id(app: Flask):
    response, (event,) = logged(app, "/sign-in")
    assert event["request_id"] == response.headers["X-Request-Id"]
    assert (event["event"], event["method"], event["path"], event["status"]) == (
        "request",
        "GET",
        "/sign-in",
        200,
    )
    assert event["address"] == "127.0.0.1"
    assert event["duration_ms"] >= 0


def test_ids_differ(app: Flask):
    first, second = (logged(app, "/healthz")[0].headers["X-Request-Id"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("path", ["/healthz", "/assets/report.css"])
def test_what_nobody_reads_about_is_not_logged(app: Flask, path: str):
    assert logged(app, path)[1] == []


def test_failures_are_always_logged(app: Flask):
    (event,) = logged(app, "/assets/none.css")[1]
    assert event["status"] == 404


@pytest.mark.parametrize(
    ("path", "request_"),
    [
        ("/sign-in?next=s3cr3t", {}),
        ("/invitation/s3cr3t", {}),
        ("/invitation/s3cr3t/more", {}),
        ("/sign-in", {"method": "POST", "data": {"email": "a@example.org", "password": "s3cr3t"}}),
        ("/", {"headers": {"Authorization": "Bearer s3cr3t", "Cookie": "session=s3cr3t"}}),
        ("/oidc/callback?code=s3cr3t&state=s3cr3t", {}),
    ],
    ids=["query", "invitation", "mistyped invitation", "form", "headers", "sign-in at a provider"],
)
def test_secrets_stay_out(app: Flask, path: str, request_: dict[str, Any]):
    _, events = logged(app, path, **request_)
    assert events
    assert "s3cr3t" not in repr(events)


def test_a_submissions_requests_can_be_found(app: Flask, client_of: ClientOf, world: World, database: Any):
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission)
    path = f"/submissions/{submission.public_id}"
    structlog.reset_defaults()
    with capture_logs() as events:
        client_of(world.ada).get(path)
    assert events[-1]["submission"] == submission.public_id


def test_a_bug_is_logged_with_its_trace_and_without_secrets(app: Flask):
    app.config.update(PROPAGATE_EXCEPTIONS=False)

    def fail(token: str) -> str:
        raise ZeroDivisionError("a bug")

    app.add_url_rule("/invitation/<token>/broken", view_func=fail)
    response, events = logged(app, "/invitation/s3cr3t/broken")
    assert response.status_code == 500
    (failure,) = (event for event in events if event["event"] == "request_failed")
    assert failure["exc_info"][0] is ZeroDivisionError
    assert "s3cr3t" not in repr([event | {"exc_info": None} for event in events])
    assert response.headers["X-Request-Id"] in response.text
