"""Every form that changes something needs the token of the session it was made for."""

from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from grader.db.base import now
from grader.db.database import Database
from grader.settings import Settings
from grader.web.app import create_app
from grader.web.identity import BY_TOKEN_ALONE
from tests.people import World
from tests.web.conftest import ClientOf, WaitingQueue
from tests.web.forms import forms_in, submit


@pytest.fixture(autouse=True)
def checked(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True


SIGNED = ("hooks",)  # what hosts call is no form: it is signed
NO_FORMS = (*BY_TOKEN_ALONE, *SIGNED)


def writing_routes(app: Flask) -> list[str]:
    """Every path of the pages that takes POST, filled in with something."""
    paths = []
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint.split(".")[0] not in NO_FORMS:
            values = {name: _some(name, rule) for name in rule.arguments}
            with app.test_request_context():
                paths.append(app.url_map.bind("localhost").build(rule.endpoint, values))
    return paths


def _some(name: str, rule: Rule) -> str | int:
    """Return a value that fits this part of the address."""
    converter = rule._converters[name]  # werkzeug tells of them by no other way
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, IntegerConverter) else "x"


def test_no_form_is_taken_without_its_token(app: Flask, client_of: ClientOf, world: World):
    paths = writing_routes(app)
    assert len(paths) > 10
    browser = client_of(world.ines)
    assert {path: browser.post(path).status_code for path in paths} == dict.fromkeys(paths, 400)


def test_the_page_says_what_to_do(client_of: ClientOf, world: World):
    assert "This form has expired" in client_of(world.ada).post("/account/sessions/end").text


def test_with_its_token_a_form_is_taken(client_of: ClientOf, world: World):
    assert submit(client_of(world.ada), "/account", "/account/sessions/end").status_code == 303


def test_the_token_of_another_session_is_no_good(client_of: ClientOf, world: World):
    (form,) = [
        form
        for form in forms_in(client_of(world.ben).get("/account").text)
        if "sessions" in (form["action"] or "")
    ]
    assert client_of(world.ada).post(form["action"], data=form["fields"]).status_code == 400


def test_every_form_of_the_pages_carries_a_token(client_of: ClientOf, world: World):
    for path in ("/", "/account", "/courses/dl/people", "/courses/dl/people/1"):
        forms = [form for form in forms_in(client_of(world.ines).get(path).text) if form["method"] == "post"]
        assert forms
        assert all(form["fields"].get("csrf_token") for form in forms), path


@pytest.mark.parametrize(
    ("referrer", "status"),
    [("https://grader.example.org/account", 303), ("https://evil.example/", 400), (None, 400)],
)
def test_over_https_a_form_comes_from_our_own_pages(
    settings: Settings, database: Database, world: World, referrer: str | None, status: int
):
    address = "https://grader.example.org"
    app = create_app(replace(settings, public_url=address), database, WaitingQueue())
    browser = app.test_client()
    with browser.session_transaction(base_url=address) as session:
        session.update(user=world.ada.id, version=1, since=now().timestamp())
    page = browser.get("/account", base_url=address).text
    (form,) = [form for form in forms_in(page) if "sessions" in (form["action"] or "")]
    headers = {"Referer": referrer} if referrer else {}
    answer = browser.post(form["action"], data=form["fields"], base_url=address, headers=headers)
    assert answer.status_code == status
