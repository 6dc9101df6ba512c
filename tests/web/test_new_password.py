"""Someone forgot the password: an instructor makes a link, the student sets a new one."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from grader.accounts.tokens import create_token, find_token
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Enrolment, Scope, User
from tests.people import World, enrol, password_hash
from tests.web.conftest import ClientOf
from tests.web.forms import submit

FORM = {"password": "seven grey geese", "again": "seven grey geese"}


def member_page(database: Database, user: User) -> str:
    with database.writing() as session:
        session.get_one(User, user.id).password_hash = password_hash()
        enrolment = session.scalars(sa.select(Enrolment).where(Enrolment.user_id == user.id)).one()
    return f"/courses/dl/people/{enrolment.id}"


@pytest.fixture
def link(client_of: ClientOf, database: Database, world: World) -> str:
    page = member_page(database, world.ada)
    answer = submit(client_of(world.ines), page, f"{page}/password-link")
    assert answer.status_code == 201
    (path,) = re.findall(r'value="http://127.0.0.1:8000(/password/[^"]+)"', answer.text)
    return path


def test_the_link_sets_a_new_password_once_and_ends_other_sessions(
    client_of: ClientOf, world: World, link: str
):
    elsewhere, browser = client_of(world.ada), client_of(None)
    assert "ada@example.org" in browser.get(link).text
    assert submit(browser, link, **FORM).location == "/"
    assert "Ada Byron" in browser.get("/").text
    assert elsewhere.get("/account").status_code == 303
    form = {"email": "ada@example.org", "password": FORM["password"]}
    assert client_of(None).post("/sign-in", data=form).status_code == 303
    for answer in (browser.get(link), browser.post(link, data=FORM)):
        assert answer.status_code == 404


def test_a_new_password_by_a_link_ends_all_api_tokens(
    client_of: ClientOf, database: Database, world: World, link: str
):
    """Whoever needs the link may have lost more than the password."""
    with database.writing() as session:
        lifetime = timedelta(days=1)
        texts = {
            user: create_token(session, user.id, "laptop", [Scope.SUBMIT], lifetime, now())[1]
            for user in (world.ada, world.ben)
        }
    submit(client_of(None), link, **FORM)
    with database.reading() as session:
        assert find_token(session, texts[world.ada], now()) is None
        assert find_token(session, texts[world.ben], now()) is not None


def test_a_link_ends_with_its_makers_rights(client_of: ClientOf, database: Database, world: World, link: str):
    browser = client_of(None)
    assert browser.get(link).status_code == 200
    with database.writing() as session:
        ines = session.scalars(sa.select(Enrolment).where(Enrolment.user_id == world.ines.id)).one()
        ines.ended_at = now()
    assert browser.get(link).status_code == 404
    assert browser.post(link, data=FORM).status_code == 404


def test_an_instructor_gets_at_no_account_by_putting_it_on_a_list(
    client_of: ClientOf, database: Database, world: World
):
    with database.writing() as session:
        session.get_one(User, world.cora.id).password_hash = password_hash()
        enrolment = enrol(session, world.course, world.cora)
    page, browser = f"/courses/dl/people/{enrolment.id}", client_of(world.ines)
    assert "password-link" not in browser.get(page).text
    assert browser.post(f"{page}/password-link").status_code == 403
    assert submit(client_of(world.abe), page, f"{page}/password-link").status_code == 201


@pytest.mark.parametrize(
    ("change", "word"),
    [({"password": "short", "again": "short"}, "12 characters"), ({"again": "other"}, "differ")],
)
def test_a_form_filled_in_wrongly_uses_nothing_up(
    client_of: ClientOf, link: str, change: dict[str, str], word: str
):
    browser = client_of(None)
    answer = submit(browser, link, **{**FORM, **change})
    assert answer.status_code == 422
    assert word in answer.text
    assert submit(browser, link, **FORM).status_code == 303


def test_an_instructor_makes_no_link_for_other_staff(client_of: ClientOf, database: Database, world: World):
    page = member_page(database, world.tara)
    browser = client_of(world.ines)
    assert "password-link" not in browser.get(page).text
    assert browser.post(f"{page}/password-link").status_code == 403
    assert submit(client_of(world.abe), page, f"{page}/password-link").status_code == 201


def test_the_log_does_not_tell_the_link(client_of: ClientOf, link: str, capsys: pytest.CaptureFixture[str]):
    client_of(None).get(link)
    logged = capsys.readouterr()
    assert link not in logged.out + logged.err
