"""How often one may ask: per token, per person, per address without a token; uploads on their own."""

import io
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from grader.db.base import now
from grader.settings import Settings
from tests.api.client import ApiClient, code_of, honest_archive
from tests.api.conftest import ClientOf
from tests.people import World

REQUESTS = 4
UPLOADS = 2


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, api_requests_per_minute=REQUESTS, uploads_per_minute=UPLOADS)


def test_a_token_may_ask_so_often(ada: ApiClient, client_of: ClientOf, world: World):
    left = [ada.get("/me").headers["RateLimit"].split(";")[1] for _ in range(REQUESTS)]
    assert left == ["r=3", "r=2", "r=1", "r=0"]
    answer = ada.get("/me")
    assert (answer.status_code, code_of(answer)) == (429, "too-many-requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["RateLimit-Policy"] == f'"requests";q={REQUESTS};w=60'
    assert client_of(world.ben).get("/me").status_code == 200


def test_more_tokens_give_a_person_no_more_than_twice_as_much(client_of: ClientOf, world: World):
    answers = [client_of(world.ada).get("/me").status_code for _ in range(2 * REQUESTS + 1)]
    assert answers == [200] * 2 * REQUESTS + [429]


def test_guessing_tokens_is_counted_by_address(client_of: ClientOf, ada: ApiClient):
    app = client_of(None).app
    guesses = [ApiClient(app, f"gr_{number}").get("/me").status_code for number in range(REQUESTS + 1)]
    assert guesses == [401] * REQUESTS + [429]
    assert client_of(None).get("/docs").status_code == 429
    assert ada.get("/me").status_code == 200


def test_uploads_are_counted_by_person_whatever_the_token(client_of: ClientOf, world: World):
    answers = [client_of(world.ada).hand_in() for _ in range(UPLOADS + 1)]
    assert [answer.status_code for answer in answers] == [202] * UPLOADS + [429]
    assert code_of(answers[-1]) == "too-many-uploads"
    assert client_of(world.ben).hand_in().status_code == 202


def test_forged_forwarding_headers_count_for_nothing(client_of: ClientOf):
    nobody = client_of(None)
    answers = [
        nobody.get("/openapi.json", headers={"X-Forwarded-For": f"10.0.0.{number}"}).status_code
        for number in range(REQUESTS + 1)
    ]
    assert answers[-1] == 429


def test_uploads_by_page_and_by_api_are_counted_together(app: Flask, ada: ApiClient, world: World):
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    with browser.session_transaction() as session:
        session.update(user=world.ada.id, version=world.ada.session_version, since=now().timestamp())

    def by_page() -> TestResponse:
        form = {"archive": (io.BytesIO(honest_archive()), "nn.zip")}
        return browser.post("/courses/dl/nn/submissions", data=form, content_type="multipart/form-data")

    assert by_page().status_code == 303
    assert ada.hand_in().status_code == 202
    assert ada.hand_in().status_code == 429
    answer = by_page()
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
