"""Signing in and out by the pages."""

import pytest
from flask import Flask

from grader.db.database import Database
from grader.db.models import User
from tests.people import PASSWORD, World, password_hash
from tests.web.conftest import ClientOf
from tests.web.forms import submit, without_token


@pytest.fixture
def ada(database: Database, world: World) -> User:
    with database.writing() as session:
        session.get_one(User, world.ada.id).password_hash = password_hash()
    return world.ada


def sign_in(browser, password: str = PASSWORD, path: str = "/sign-in"):
    return submit(browser, path, email="ada@example.org", password=password)


def test_signing_in_leads_to_the_courses(client_of: ClientOf, ada: User):
    browser = client_of(None)
    answer = sign_in(browser)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Ada Byron" in browser.get("/").text


def test_a_wrong_password_says_so_keeps_the_address_and_signs_nobody_in(client_of: ClientOf, ada: User):
    browser = client_of(None)
    answer = sign_in(browser, "wrong")
    assert answer.status_code == 422
    assert "do not belong together" in answer.text
    assert 'value="ada@example.org"' in answer.text
    assert browser.get("/").status_code == 303


def test_an_unknown_address_gets_the_very_same_page(client_of: ClientOf, ada: User):
    pages = [
        client_of(None).post("/sign-in", data={"email": email, "password": "wrong"}).text
        for email in ("ada@example.org", "eva@example.org")
    ]
    assert without_token(pages[0]).replace("ada@", "eva@") == without_token(pages[1])


def test_one_comes_back_to_the_page_one_wanted(client_of: ClientOf, ada: User):
    browser = client_of(None)
    wanted = browser.get("/account")
    assert wanted.location == "/sign-in?next=/account"
    assert sign_in(browser, path=wanted.location).location == "/account"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:x=y\r\n",
        "/\tevil",
        "",
    ],
)
def test_signing_in_never_leads_elsewhere(client_of: ClientOf, ada: User, elsewhere: str):
    form = {"email": "ada@example.org", "password": PASSWORD}
    answer = client_of(None).post("/sign-in", query_string={"next": elsewhere}, data=form)
    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.usefixtures("tries_at_one_moment")
def test_after_several_failures_the_page_says_how_long_to_wait(client_of: ClientOf, ada: User):
    browser = client_of(None)
    for _ in range(5):
        sign_in(browser, "wrong")
    answer = sign_in(browser)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "2"
    assert "wait 2 seconds" in answer.text
    assert "Nothing is locked" in answer.text


@pytest.mark.usefixtures("tries_at_one_moment")
def test_where_one_has_signed_in_before_others_failures_do_not_matter(client_of: ClientOf, ada: User):
    own, other = client_of(None), client_of(None)
    sign_in(own)
    own.post("/sign-out")
    for _ in range(8):
        sign_in(other, "wrong")
    assert sign_in(other).status_code == 429
    assert sign_in(own).status_code == 303


@pytest.mark.usefixtures("tries_at_one_moment")
def test_a_forged_device_cookie_is_worth_nothing(client_of: ClientOf, ada: User):
    browser = client_of(None)
    browser.set_cookie("device", "WzEsImxhcHRvcCJd.made.up")
    for _ in range(5):
        sign_in(browser, "wrong")
    assert sign_in(browser).status_code == 429


def test_signing_out_ends_the_session(client_of: ClientOf, ada: User):
    browser = client_of(ada)
    assert browser.post("/sign-out").location == "/sign-in"
    assert browser.get("/account").status_code == 303


def test_signing_out_by_a_mere_link_does_not_work(client_of: ClientOf, ada: User):
    browser = client_of(ada)
    assert browser.get("/sign-out").status_code == 405
    assert browser.get("/account").status_code == 200


def test_who_is_signed_in_needs_no_form(client_of: ClientOf, ada: User):
    assert client_of(ada).get("/sign-in?next=/account").location == "/account"


def test_signing_in_begins_a_fresh_session(app: Flask, client_of: ClientOf, ada: User):
    browser = client_of(None)
    with browser.session_transaction() as session:
        session["planted"] = "by someone else"
    sign_in(browser)
    with browser.session_transaction() as session:
        assert session.keys() <= {"_permanent", "user", "version", "since", "csrf_token"}
