"""Signing in with OpenID Connect, at a real provider on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import structlog
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from grader.db.database import Database
from grader.db.models import AuditEvent, User
from grader.errors import SettingsError
from grader.settings import Settings
from grader.web.app import create_app
from tests.people import World, password_hash
from tests.web.conftest import ClientOf, WaitingQueue
from tests.web.oidc_provider import CLIENT_ID, CLIENT_SECRET, FAULTS, Provider, running_provider

ADA = {"sub": "u-1815", "name": "Ada Byron", "email": "Ada@Example.org", "email_verified": True}
NEW = {"sub": "u-1900", "name": "Nora New", "email": "nora@example.org", "email_verified": True}


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.person, running.faults, running.in_id_token = ADA, set(), ("name", "email", "email_verified")
    running.authorizations.clear()
    return running


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    return replace(
        settings,
        public_url="http://localhost",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_label="Example account",
    )


def come_back(browser: FlaskClient, next_page: str = "") -> TestResponse:
    """Go to the provider and come back, as a browser does; return what the callback answers."""
    start = browser.get("/oidc/start", query_string={"next": next_page} if next_page else {})
    there = requests.get(start.location, allow_redirects=False, timeout=10)
    back = urlsplit(there.headers["Location"])
    return browser.get(f"{back.path}?{back.query}")


def who_is_in(browser: FlaskClient) -> str:
    """The name that the pages show; "" for nobody."""
    answer = browser.get("/account")
    return answer.text.partition("<h1>")[2].partition("</h1>")[0] if answer.status_code == 200 else ""


def user_of(database: Database, email: str) -> User | None:
    with database.reading() as session:
        return session.query(User).filter_by(email=email).one_or_none()


def test_a_member_without_password_signs_in_by_a_verified_address(
    client_of: ClientOf, world: World, database: Database, provider: Provider
):
    browser = client_of(None)
    assert 'href="/oidc/start"' in browser.get("/sign-in").text
    answer = come_back(browser)
    assert (answer.status_code, answer.location) == (303, "/")
    assert who_is_in(browser) == "Ada Byron"
    ada = user_of(database, "ada@example.org")
    assert ada is not None
    assert (ada.id, ada.oidc_issuer, ada.oidc_subject) == (world.ada.id, provider.issuer, "u-1815")


def test_the_identity_stays_with_the_account_when_the_address_changes(
    client_of: ClientOf, world: World, provider: Provider
):
    come_back(client_of(None))
    provider.person = {**ADA, "email": "ada.king@example.org", "email_verified": False}
    browser = client_of(None)
    come_back(browser)
    assert who_is_in(browser) == "Ada Byron"


def test_an_address_that_moves_to_someone_else_does_not_take_the_account_along(
    client_of: ClientOf, world: World, provider: Provider
):
    come_back(client_of(None))
    provider.person = {**ADA, "sub": "u-2026", "name": "Another Ada"}
    browser = client_of(None)
    answer = come_back(browser)
    assert answer.location == "/sign-in"
    assert "connected with another account there" in browser.get("/sign-in").text
    assert who_is_in(browser) == ""


@pytest.mark.parametrize(
    "claim", [{"email_verified": False}, {"email_verified": None}, {}, {"email_verified": "no"}]
)
def test_an_unverified_address_leads_to_no_account(
    client_of: ClientOf, world: World, database: Database, provider: Provider, claim: dict[str, object]
):
    provider.person = {name: value for name, value in ADA.items() if name != "email_verified"} | claim
    browser = client_of(None)
    come_back(browser)
    assert who_is_in(browser) == ""
    assert "not verified" in browser.get("/sign-in").text
    ada = user_of(database, "ada@example.org")
    assert ada is not None
    assert ada.oidc_subject is None


def test_an_unverified_address_makes_no_account(
    client_of: ClientOf, world: World, database: Database, provider: Provider
):
    provider.person = {**NEW, "email_verified": False}
    come_back(client_of(None))
    assert user_of(database, "nora@example.org") is None


def test_an_account_with_a_password_is_connected_by_its_owner_only(
    client_of: ClientOf, world: World, database: Database, provider: Provider
):
    with database.writing() as session:
        session.get_one(User, world.ada.id).password_hash = password_hash()
    stranger = client_of(None)
    come_back(stranger)
    assert who_is_in(stranger) == ""
    assert "Sign in with it once" in stranger.get("/sign-in").text

    owner = client_of(world.ada)
    assert "Connect</a>" in owner.get("/account").text
    assert come_back(owner, "/account").location == "/account"
    assert "It is connected" in owner.get("/account").text

    later = client_of(None)
    come_back(later)
    assert who_is_in(later) == "Ada Byron"


def test_an_identity_of_someone_else_is_not_connected(client_of: ClientOf, world: World, provider: Provider):
    come_back(client_of(None))  # Ada's
    ben = client_of(world.ben)
    come_back(ben)
    assert "connected with another account here" in ben.get("/account").text
    assert who_is_in(ben) == "Ben Okri"


def test_who_is_new_gets_an_account_in_no_course(
    client_of: ClientOf, world: World, database: Database, provider: Provider
):
    provider.person = NEW
    browser = client_of(None)
    come_back(browser)
    assert who_is_in(browser) == "Nora New"
    assert "You are in no course yet" in browser.get("/").text
    with database.reading() as session:
        assert session.query(AuditEvent.action).all() == [("account.connect-identity",)]


def test_a_closed_account_stays_closed(
    client_of: ClientOf, world: World, database: Database, provider: Provider
):
    with database.writing() as session:
        session.get_one(User, world.ada.id).is_active = False
    browser = client_of(None)
    come_back(browser)
    assert who_is_in(browser) == ""
    assert "closed" in browser.get("/sign-in").text


def test_verified_may_be_said_in_a_text(client_of: ClientOf, world: World, provider: Provider):
    """Some providers send "true", against the standard."""
    provider.person = {**ADA, "email_verified": "true"}
    browser = client_of(None)
    come_back(browser)
    assert who_is_in(browser) == "Ada Byron"


def test_the_address_may_come_with_the_user_information(
    client_of: ClientOf, world: World, provider: Provider
):
    provider.in_id_token = ()
    browser = client_of(None)
    come_back(browser)
    assert who_is_in(browser) == "Ada Byron"


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
    start = attacker.get("/oidc/start")
    there = requests.get(start.location, allow_redirects=False, timeout=10)
    back = urlsplit(there.headers["Location"])
    victim.get(f"{back.path}?{back.query}")
    assert who_is_in(victim) == ""


def test_an_answer_works_once(client_of: ClientOf, world: World, provider: Provider):
    browser = client_of(None)
    start = browser.get("/oidc/start")
    there = requests.get(start.location, allow_redirects=False, timeout=10)
    back = urlsplit(there.headers["Location"])
    browser.get(f"{back.path}?{back.query}")
    browser.post("/sign-out")
    browser.get(f"{back.path}?{back.query}")
    assert who_is_in(browser) == ""


def test_a_code_without_its_verifier_is_refused_there(client_of: ClientOf, world: World, provider: Provider):
    """The provider really checks the challenge, so a code that was listened to is worth nothing."""
    start = client_of(None).get("/oidc/start")
    there = requests.get(start.location, allow_redirects=False, timeout=10)
    code = parse_qs(urlsplit(there.headers["Location"]).query)["code"][0]
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
