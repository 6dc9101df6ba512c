"""What people see when something does not work, and what programs get."""

import contextlib

import pytest
from flask import Flask, abort, request
from werkzeug.exceptions import HTTPException

from grader.submissions.limits import IntakeLimits
from tests.people import World
from tests.web.conftest import ClientOf


@pytest.fixture
def app(app: Flask) -> Flask:
    @app.get("/trouble/<int:status>")
    def trouble(status: int) -> str:
        abort(status)

    @app.get("/bug")
    def bug() -> str:
        raise RuntimeError("a secret detail")

    app.config["TESTING"] = False
    return app


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (400, "could not be read"),
        (403, "You may not do this"),
        (404, "There is nothing here for you"),
        (405, "does not work this way"),
        (413, "too big"),
        (429, "too fast"),
        (500, "on our side"),
        (503, "not ready"),
    ],
)
def test_every_error_is_told_in_plain_words(client_of: ClientOf, world: World, status: int, word: str):
    answer = client_of(world.ada).get(f"/trouble/{status}")
    assert answer.status_code == status
    assert word in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert "Your courses" not in answer.text or "Ada Byron" in answer.text


def test_a_bug_of_ours_shows_no_details(client_of: ClientOf, world: World):
    answer = client_of(world.ada).get("/bug")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "It is not your fault" in answer.text
    assert answer.headers["Content-Security-Policy"]


def test_what_does_not_exist_looks_like_what_is_not_ones_own(client_of: ClientOf, world: World):
    browser = client_of(world.olaf)
    pages = [browser.get(path) for path in ("/courses/dl/people", "/courses/none/people")]
    texts = [page.text.replace(page.headers["X-Request-Id"], "") for page in pages]
    assert pages[0].status_code == pages[1].status_code == 404
    tokens = [text.split('name="csrf_token"') for text in texts]
    assert [part[0] for part in tokens[0]] == [part[0] for part in tokens[1]]


def test_a_form_that_is_too_big_is_told(client_of: ClientOf, world: World):
    answer = client_of(world.ada).post("/account/tokens", data={"name": "x" * 2_100_000})
    assert answer.status_code == 413
    assert "too big" in answer.text


@pytest.mark.parametrize("path", ["/courses/dl/nn/submissions", "/api/v1/submissions"])
def test_only_hand_ins_may_be_large(app: Flask, path: str):
    with app.test_request_context(path, method="POST"):
        with contextlib.suppress(HTTPException):  # nobody is signed in
            app.preprocess_request()
        assert request.max_content_length > IntakeLimits().archive_bytes


def test_programs_get_problem_details(client_of: ClientOf, world: World):
    answer = client_of(None).get("/api/v1/nothing")
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["status"] == answer.status_code
