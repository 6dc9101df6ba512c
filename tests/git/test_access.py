"""Who may push and fetch: tokens as passwords, one's own repository, and staff."""

from datetime import timedelta

import pytest
import requests

from grader.accounts.tokens import create_token
from grader.db.base import now
from grader.db.models import ApiToken, Scope, User
from tests.git.client import Workplace
from tests.git.site import Site
from tests.people import World, enrol, make_person

ASK = "info/refs?service=git-receive-pack"
FETCH = "info/refs?service=git-upload-pack"


def ask(site: Site, owner: str, name: str | None, password: str = "", what: str = FETCH) -> requests.Response:
    auth = None if name is None else (name, password)
    return requests.get(f"http://{site.host}/git/dl/nn/{owner}.git/{what}", auth=auth, timeout=30)


@pytest.fixture
def token(site: Site, world: World) -> str:
    return site.token(world.ada, Scope.SUBMIT)


def test_git_is_asked_for_a_name_and_a_token(site: Site, world: World):
    answer = ask(site, "ada@example.org", None)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "text/plain; charset=utf-8")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="grader", charset="UTF-8"'
    assert "API token: http://127.0.0.1:8000/account" in answer.text


def test_the_name_is_the_owner_s_in_any_capitals(site: Site, world: World, token: str):
    assert ask(site, "ada@example.org", "Ada@Example.org", token).status_code == 200
    for name in ("ben@example.org", "ada", "", "git"):
        assert ask(site, "ada@example.org", name, token).status_code == 401


def test_a_password_is_no_token(site: Site, world: World):
    answer = ask(site, "ada@example.org", "ada@example.org", "three oak leaves in November")
    assert answer.status_code == 401
    assert "your account's own password does not work here" in answer.text


def test_a_token_that_is_over_is_none(site: Site, world: World):
    with site.database.writing() as session:
        _, late = create_token(session, world.ada.id, "old", [Scope.SUBMIT], timedelta(days=-1), now())
        revoked, text = create_token(session, world.ada.id, "x", [Scope.SUBMIT], timedelta(days=1), now())
        session.get_one(ApiToken, revoked.id).revoked_at = now()
    for token in (late, text, "gr_" + "x" * 40):
        answer = ask(site, "ada@example.org", "ada@example.org", token)
        assert answer.status_code == 401
        assert "has expired or was revoked" in answer.text


def test_git_shows_why(site: Site, world: World):
    place = Workplace(site.folder / "x", site.address(world.ada).replace("gr_", "xx_"))
    place.commit()
    pushed = place.push()
    assert pushed.code == 128
    assert any("The password is no API token" in line for line in pushed.remote), pushed.said


def test_fetching_takes_any_token_and_pushing_the_scope(site: Site, world: World):
    token = site.token(world.tara, Scope.STAFF)
    assert ask(site, "tara@example.org", "tara@example.org", token, FETCH).status_code == 200
    answer = ask(site, "tara@example.org", "tara@example.org", token, ASK)
    assert answer.status_code == 403
    assert "This token may not hand in" in answer.text


def test_only_its_owner_pushes(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    before = site.references(world.ada)
    for person in (world.tara, world.ines, world.abe):
        place = Workplace(site.folder / person.email, site.address(world.ada, person, *Scope))
        place.commit()
        pushed = place.push("--force", "main")
        assert pushed.code == 128
        assert "You may fetch this repository, but only its owner can push to it." in pushed.remote
        answer = site.post(place, b"0000")
        assert answer.status_code == 403
    assert site.references(world.ada) == before


def test_others_learn_nothing(site: Site, world: World, ada: Workplace):
    """The same answer, whether the repository is there or not."""
    ada.commit()
    ada.push()
    with site.database.writing() as session:
        former = make_person(session, "Frida Ott")
        enrol(session, world.course, former, ended_at=now())
    answers = {
        (answer.status_code, answer.text)
        for person in (world.ben, world.cora, world.olaf, former)
        for owner in ("ada@example.org", "nobody@example.org", "cora@example.org")
        for what in (ASK, FETCH)
        for answer in [ask(site, owner, person.email, site.token(person, *Scope), what)]
    }
    text = "There is no such repository for you. Check its address, and whose token you use.\n"
    assert answers == {(404, text)}


def test_staff_without_the_scope_are_not_staff(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    for person in (world.tara, world.abe):
        token = site.token(person, Scope.SUBMIT)
        assert ask(site, "ada@example.org", person.email, token).status_code == 404


def test_a_unit_that_is_not_published_is_not_there(site: Site, world: World, token: str):
    site.set_unit(world.unit, is_published=False)
    assert ask(site, "ada@example.org", "ada@example.org", token).status_code == 404


def test_who_has_left_has_no_repository(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    site.end_membership(world.ada)
    pushed = ada.push("main:work")
    assert pushed.code == 128 and "not found" in pushed.said


def test_an_address_that_passes_to_somebody_else_passes_no_repository(
    site: Site, world: World, ada: Workplace
):
    commit = ada.commit()
    ada.push()
    with site.database.writing() as session:
        session.get_one(User, world.ada.id).email = "ada.byron@example.org"
        other = make_person(session, "Ada Lovelace")
        enrol(session, world.course, other)
    assert site.workplace(other, "other").git("ls-remote", "grader") == ""
    with site.database.reading() as session:
        renamed = session.get_one(User, world.ada.id)
    assert commit in site.workplace(renamed).git("ls-remote", "grader")
    assert (site.repository(renamed).path / "description").read_text() == "ada.byron@example.org\n"


def test_sessions_count_for_nothing(site: Site, world: World):
    client = site.app.test_client()
    with client.session_transaction() as session:
        session.update(user=world.ada.id, version=1, since=now().timestamp())
    assert client.get(f"/git/dl/nn/ada@example.org.git/{FETCH}").status_code == 401


def test_guessing_is_slowed_down(site: Site, world: World):
    site.set_setting("api_requests_per_minute", 3)
    answers = [ask(site, "ada@example.org", "ada@example.org", "gr_wrong").status_code for _ in range(5)]
    assert answers == [401, 401, 401, 429, 429]
    assert ask(site, "ada@example.org", None).status_code == 401, "git's first question is not counted"
