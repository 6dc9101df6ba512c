"""Following the link of an invitation."""

import pytest

from grader.accounts.invitations import invite
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Role, User
from tests.people import World, password_hash
from tests.web.conftest import ClientOf
from tests.web.forms import submit

FORM = {"name": "Nora New", "password": "seven grey geese", "again": "seven grey geese"}


def link(database: Database, world: World, email: str = "nora@example.org") -> str:
    with database.writing() as session:
        token = invite(session, world.course.id, email, "Nora", Role.STUDENT, world.ines.id, now())
    return f"/invitation/{token}"


def test_a_new_person_sets_a_password_and_is_in(client_of: ClientOf, database: Database, world: World):
    path, browser = link(database, world), client_of(None)
    page = browser.get(path).text
    assert "Join Deep learning" in page
    assert "nora@example.org" in page
    assert submit(browser, path, **FORM).location == "/courses/dl/"
    assert "Welcome to Deep learning." in browser.get("/account").text
    assert "Nora New" in browser.get("/account").text
    form = {"email": "nora@example.org", "password": FORM["password"]}
    assert client_of(None).post("/sign-in", data=form).status_code == 303


def test_afterwards_the_link_says_that_it_is_used(client_of: ClientOf, database: Database, world: World):
    path = link(database, world)
    submit(client_of(None), path, **FORM)
    for answer in (client_of(None).get(path), client_of(None).post(path, data=FORM)):
        assert answer.status_code == 404
        assert "does not work any more" in answer.text


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"name": " "}, "enter a name"),
        ({"password": "short", "again": "short"}, "12 characters"),
        ({"password": "nora@example.org", "again": "nora@example.org"}, "do not know about you"),
        ({"again": "other"}, "differ"),
    ],
)
def test_a_form_filled_in_wrongly_says_what_is_wrong_and_uses_nothing_up(
    client_of: ClientOf, database: Database, world: World, change: dict[str, str], word: str
):
    path, browser = link(database, world), client_of(None)
    answer = submit(browser, path, **{**FORM, **change})
    assert answer.status_code == 422
    assert word in answer.text
    assert submit(browser, path, **FORM).status_code == 303


def test_who_has_an_account_signs_in_and_joins(client_of: ClientOf, database: Database, world: World):
    with database.writing() as session:
        session.get_one(User, world.olaf.id).password_hash = password_hash()
    path = link(database, world, "olaf@example.org")
    page = client_of(None).get(path).text
    assert f"/sign-in?next={path}" in page
    assert 'type="password"' not in page
    assert client_of(None).post(path, data=FORM).status_code == 404
    browser = client_of(world.olaf)
    assert "You join as Olaf Berg" in browser.get(path).text
    assert submit(browser, path).location == "/courses/dl/"
    assert "Deep learning" in browser.get("/").text


def test_a_link_of_someone_else_is_told_apart(client_of: ClientOf, database: Database, world: World):
    path = link(database, world, "cora@example.org")
    browser = client_of(world.olaf)
    assert "This link is for another account" in browser.get(path).text
    assert browser.post(path).status_code == 404


def test_the_link_is_told_to_no_other_site(client_of: ClientOf, database: Database, world: World):
    headers = client_of(None).get(link(database, world)).headers
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
