"""Which account an identity of the provider leads to."""

from __future__ import annotations

import pytest
from flask import Flask

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, User
from tests.people import World, password_hash
from tests.web.conftest import ClientOf
from tests.web.oidc import (
    ADA,
    NEW,
    come_back,
    connect,
    provider,
    running,
    settings,
    there_and_back,
    user_of,
    who_is_in,
)
from tests.web.oidc_provider import Provider

__all__ = ["provider", "running", "settings"]


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
    assert connect(owner).location == "/account"
    assert "It is connected" in owner.get("/account").text

    later = client_of(None)
    come_back(later)
    assert who_is_in(later) == "Ada Byron"


def test_an_identity_of_someone_else_is_not_connected(client_of: ClientOf, world: World, provider: Provider):
    come_back(client_of(None))  # Ada's
    ben = client_of(world.ben)
    connect(ben)
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


def test_no_address_connects_accounts(
    client_of: ClientOf, world: World, database: Database, provider: Provider
):
    """Else another site's picture could connect its owner's identity with the account of who sees it."""
    with database.writing() as session:
        session.get_one(User, world.ben.id).password_hash = password_hash()
    ben = client_of(world.ben)
    assert ben.get("/oidc/start?next=/account").location == "/account"
    assert ben.get("/oidc/connect").status_code == 405
    assert provider.authorizations == []


def test_connecting_needs_the_forms_token(app: Flask, client_of: ClientOf, world: World, provider: Provider):
    app.config["WTF_CSRF_ENABLED"] = True
    ben = client_of(world.ben)
    assert ben.post("/oidc/connect").status_code == 400
    assert connect(ben).status_code == 303


def test_an_answer_that_comes_to_someone_else_connects_nothing(
    client_of: ClientOf, world: World, database: Database, provider: Provider
):
    browser = client_of(None)
    back = there_and_back(browser)
    with browser.session_transaction() as session:  # signs in by password in another window meanwhile
        session.update(user=world.ben.id, version=world.ben.session_version, since=now().timestamp())
    assert browser.get(back).location == "/"
    assert who_is_in(browser) == "Ben Okri"
    assert user_of(database, "ben@example.org").oidc_subject is None


@pytest.mark.parametrize(
    ("told", "kept"),
    [("Nora\u202e weN", "Nora weN"), ("\0", "nora"), ("x" * 500, "x" * 120), ("No\0ra", "No ra")],
)
def test_what_the_provider_calls_people_is_made_fit_to_be_shown(
    client_of: ClientOf, world: World, database: Database, provider: Provider, told: str, kept: str
):
    provider.person = {**NEW, "name": told}
    come_back(client_of(None))
    assert user_of(database, "nora@example.org").name == kept


def test_a_subject_that_no_database_takes_is_not_believed(
    client_of: ClientOf, world: World, provider: Provider
):
    provider.person = {**NEW, "sub": "u\x00"}
    browser = client_of(None)
    assert come_back(browser).location == "/sign-in"
    assert "did not work" in browser.get("/sign-in").text
