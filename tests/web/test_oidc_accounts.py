"""Which account an identity of the provider leads to."""

from __future__ import annotations

import pytest

from grader.db.database import Database
from grader.db.models import AuditEvent, User
from tests.people import World, password_hash
from tests.web.conftest import ClientOf
from tests.web.oidc import ADA, NEW, come_back, provider, running, settings, user_of, who_is_in
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
