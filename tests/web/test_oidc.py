"""Signing in with OpenID Connect, at a real provider on this machine, which can lie."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import structlog
from flask import Flask

from grader.db.database import Database
from grader.errors import SettingsError
from grader.settings import Settings
from grader.web.app import create_app
from tests.people import World
from tests.web.conftest import ClientOf, WaitingQueue
from tests.web.oidc import come_back, provider, running, settings, there_and_back, user_of, who_is_in
from tests.web.oidc_provider import CLIENT_ID, CLIENT_SECRET, FAULTS, Provider

__all__ = ["provider", "running", "settings"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_provider_that_lies_is_not_believed(
    client_of: ClientOf, world: World, database: Database, provider: Provider, fault: str
):
    provider.faults = {fault}
    if fault == "someone else's information":
        provider.in_id_token = ()
    browser = client_of(None)
    with structlog.testing.capture_logs() as logged:
        answer = come_back(browser)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert [FAULTS[fault] in line["error"] for line in logged if line["event"] == "oidc_failed"] == [True]
    assert who_is_in(browser) == ""
    assert "did not work" in browser.get("/sign-in").text
    ada = user_of(database, "ada@example.org")
    assert ada is not None
    assert ada.oidc_subject is None


def test_the_request_carries_state_nonce_and_challenge(client_of: ClientOf, world: World, provider: Provider):
    come_back(client_of(None))
    come_back(client_of(None))
    first, second = provider.authorizations
    assert first["code_challenge_method"] == "S256"
    assert first["redirect_uri"] == "http://localhost/oidc/callback"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 20
        assert first[name] != second[name]


def test_an_answer_to_another_browsers_request_signs_nobody_in(
    client_of: ClientOf, world: World, provider: Provider
):
    """Else one could sign someone in to the wrong account without their knowing."""
    attacker, victim = client_of(None), client_of(None)
    victim.get(there_and_back(attacker))
    assert who_is_in(victim) == ""


def test_an_answer_works_once(client_of: ClientOf, world: World, provider: Provider):
    browser = client_of(None)
    back = there_and_back(browser)
    browser.get(back)
    browser.post("/sign-out")
    browser.get(back)
    assert who_is_in(browser) == ""


def test_a_code_without_its_verifier_is_refused_there(client_of: ClientOf, world: World, provider: Provider):
    """The provider really checks the challenge, so a code that was listened to is worth nothing."""
    code = parse_qs(urlsplit(there_and_back(client_of(None))).query)["code"][0]
    answer = requests.post(
        f"{provider.issuer}/token",
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": "http://localhost/oidc/callback",
        },
        auth=(CLIENT_ID, CLIENT_SECRET),
        timeout=10,
    )
    assert answer.status_code == 400


def test_saying_no_at_the_provider_leads_back_to_sign_in(
    client_of: ClientOf, world: World, provider: Provider
):
    browser = client_of(None)
    state = parse_qs(urlsplit(browser.get("/oidc/start").location).query)["state"][0]
    answer = browser.get("/oidc/callback", query_string={"error": "access_denied", "state": state})
    assert answer.location == "/sign-in"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/"])
def test_coming_back_never_leads_elsewhere(
    client_of: ClientOf, world: World, provider: Provider, elsewhere: str
):
    assert come_back(client_of(None), elsewhere).location == "/"


def test_one_comes_back_to_the_page_one_wanted(client_of: ClientOf, world: World, provider: Provider):
    assert come_back(client_of(None), "/courses/dl/").location == "/courses/dl/"


def test_a_provider_that_does_not_answer_is_told_in_plain_words(
    settings: Settings, database: Database, world: World, unused_issuer: str
):
    app = create_app(replace(settings, oidc_issuer=unused_issuer), database, WaitingQueue())
    browser = app.test_client()
    assert browser.get("/oidc/start").location == "/sign-in"
    assert "did not work" in browser.get("/sign-in").text


@pytest.fixture
def unused_issuer() -> str:
    return "http://localhost:9"  # the discard port: nobody listens


def test_without_a_provider_there_is_nothing_of_it(
    app: Flask, settings: Settings, database: Database, world: World
):
    plain = create_app(replace(settings, oidc_issuer=""), database, WaitingQueue()).test_client()
    assert "/oidc/" not in plain.get("/sign-in").text
    assert plain.get("/oidc/start").status_code == 404


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"oidc_issuer": "http://id.example.org"}, "https"), ({"oidc_client_id": ""}, "oidc_client_id")],
)
def test_settings_that_would_be_unsafe_are_refused(
    settings: Settings, database: Database, changes: dict[str, str], word: str
):
    with pytest.raises(SettingsError, match=word):
        create_app(replace(settings, **changes), database, WaitingQueue())
