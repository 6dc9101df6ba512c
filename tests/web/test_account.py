"""One's own account: the password, other sessions, tokens."""

import re

import pytest
from flask import Flask

from grader.accounts.tokens import find_token
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, CourseUnit, User
from tests.people import PASSWORD, World, password_hash
from tests.web.conftest import ClientOf
from tests.web.forms import submit

NEW = "seven grey geese"


@pytest.fixture
def ada(database: Database, world: World) -> User:
    with database.writing() as session:
        session.get_one(User, world.ada.id).password_hash = password_hash()
    return world.ada


def change(browser, present: str = PASSWORD, new: str = NEW, again: str = NEW):
    return submit(browser, "/account", "/account/password", present=present, new=new, again=again)


def signs_in(client_of: ClientOf, password: str) -> bool:
    form = {"email": "ada@example.org", "password": password}
    return client_of(None).post("/sign-in", data=form).status_code == 303


def test_a_new_password_replaces_the_old_one_and_ends_other_sessions(client_of: ClientOf, ada: User):
    here, elsewhere = client_of(ada), client_of(ada)
    assert change(here).location == "/account"
    assert signs_in(client_of, NEW)
    assert not signs_in(client_of, PASSWORD)
    assert "is changed" in here.get("/account").text
    assert elsewhere.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"present": "wrong"}, "not your present password"),
        ({"new": "short", "again": "short"}, "12 characters or more"),
        ({"new": "ada@example.org", "again": "ada@example.org"}, "do not know about you"),
        ({"again": "seven grey gees"}, "differ"),
    ],
)
def test_a_password_is_not_changed_without_reason_told(
    client_of: ClientOf, ada: User, form: dict[str, str], word: str
):
    answer = change(client_of(ada), **form)
    assert answer.status_code == 422
    assert word in answer.text
    assert signs_in(client_of, PASSWORD)


@pytest.mark.usefixtures("tries_at_one_moment")
def test_guessing_the_present_password_is_slowed_down(client_of: ClientOf, ada: User):
    """Whoever finds a browser signed in must not find out the password there."""
    browser = client_of(ada)
    for _ in range(5):
        change(browser, present="wrong")
    assert "Please wait 2 seconds" in change(browser).text


def test_who_signs_in_elsewhere_has_no_password_to_change(client_of: ClientOf, world: World):
    assert "Change password" not in client_of(world.ben).get("/account").text


def make_token(browser, **form: object):
    usual = {"name": "laptop", "scope": "submit", "days": "30"}
    return submit(browser, "/account", "/account/tokens", **{**usual, **form})


def test_a_token_is_shown_once_and_works(client_of: ClientOf, database: Database, world: World):
    browser = client_of(world.ada)
    answer = make_token(browser)
    assert answer.status_code == 201
    (text,) = set(re.findall(r"gr_[A-Za-z0-9]{40}", answer.text))
    with database.reading() as session:
        token = find_token(session, text, now())
        assert token is not None
        assert (token.user.name, token.name, token.scopes) == ("Ada Byron", "laptop", "submit")
    later = browser.get("/account").text
    assert text not in later
    assert text[:8] in later


def test_repositories_of_ones_courses_are_named(client_of: ClientOf, database: Database, world: World):
    address = "http://127.0.0.1:8000/git/dl/nn/{}.git"
    assert address.format("ada@example.org") in client_of(world.ada).get("/account").text
    assert "Push with git" not in client_of(world.olaf).get("/account").text
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).is_published = False
    assert "Push with git" not in client_of(world.ada).get("/account").text


def test_a_student_gets_no_scope_of_staff(client_of: ClientOf, world: World):
    answer = make_token(client_of(world.ada), scope="staff")
    assert answer.status_code == 422
    assert "choose what the token may do" in answer.text
    assert make_token(client_of(world.tara), scope=["submit", "staff"]).status_code == 201


@pytest.mark.parametrize(
    "form",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"name": "lap\u202etop"},
        {"days": "100000"},
        {"days": "x"},
        {"days": ""},
        {"scope": ""},
    ],
)
def test_a_form_filled_in_wrongly_makes_no_token(
    client_of: ClientOf, database: Database, world: World, form: dict[str, str]
):
    browser = client_of(world.ada)
    assert make_token(browser, **form).status_code == 422
    assert "Begins with" not in browser.get("/account").text


def test_revoking_a_token(client_of: ClientOf, database: Database, world: World):
    browser = client_of(world.ada)
    text = re.findall(r"gr_[A-Za-z0-9]{40}", make_token(browser).text)[0]
    path = re.findall(r"/account/tokens/\d+/revoke", browser.get("/account").text)[0]
    assert browser.post(path).status_code == 303
    with database.reading() as session:
        assert find_token(session, text, now()) is None


def test_a_hostile_name_is_text(app: Flask, client_of: ClientOf, database: Database, world: World):
    with database.writing() as session:
        session.get_one(User, world.ada.id).name = '<script>alert(1)</script>"onload="x'
    make_token(client_of(world.ada), name="<b>bold</b>")
    page = client_of(world.ada).get("/account").text
    assert "<script>alert" not in page
    assert "<b>bold" not in page
    assert 'onload="x' not in page


def test_one_changes_ones_own_name_and_sees_the_address(
    client_of: ClientOf, database: Database, world: World
):
    browser = client_of(world.ada)
    assert "ada@example.org" in browser.get("/account").text
    assert submit(browser, "/account", "/account/name", own_name="  Ada   King ").location == "/account"
    assert "<h1>Ada King</h1>" in browser.get("/account").text
    with database.reading() as session:
        event = session.query(AuditEvent).one()
    assert (event.action, event.details) == ("account.set-name", {"before": "Ada Byron", "after": "Ada King"})


@pytest.mark.parametrize("name", ["", " ", "Ada\u202e", "x" * 121])
def test_what_is_no_name_is_told_and_kept_in_the_form(client_of: ClientOf, world: World, name: str):
    browser = client_of(world.ada)
    answer = submit(browser, "/account", "/account/name", own_name=name)
    assert answer.status_code == 422
    assert 'id="own_name-problem"' in answer.text
    assert "<h1>Ada Byron</h1>" in browser.get("/account").text


def works(database: Database, text: str) -> bool:
    with database.reading() as session:
        return find_token(session, text, now()) is not None


def new_token(browser) -> str:
    (text,) = set(re.findall(r"gr_[A-Za-z0-9]{40}", make_token(browser).text))
    return text


@pytest.mark.parametrize("act", ["password", "sessions"])
def test_tokens_go_on_unless_one_says_otherwise(client_of: ClientOf, database: Database, ada: User, act: str):
    browser = client_of(ada)
    text = new_token(browser)
    assert "Also revoke my API token" in browser.get("/account").text

    def do(present: str, new: str, **fields: str):
        if act == "password":
            return submit(
                browser, "/account", "/account/password", present=present, new=new, again=new, **fields
            )
        return submit(browser, "/account", "/account/sessions/end", **fields)

    assert do(PASSWORD, NEW).status_code == 303
    assert works(database, text)
    assert do(NEW, PASSWORD, tokens="revoke").status_code == 303
    assert not works(database, text)
    page = browser.get("/account").text
    assert "1 API token revoked" in page
    assert "Also revoke" not in page


def test_a_password_that_is_not_changed_revokes_nothing(client_of: ClientOf, database: Database, ada: User):
    browser = client_of(ada)
    text = new_token(browser)
    form = {"present": "wrong", "new": NEW, "again": NEW, "tokens": "revoke"}
    assert submit(browser, "/account", "/account/password", **form).status_code == 422
    assert works(database, text)
