"""Bringing in a list by the pages: choose, look, confirm."""

import base64
import io

from grader.db.database import Database
from grader.db.models import User
from tests.people import World
from tests.web.conftest import ClientOf
from tests.web.forms import forms_in

PEOPLE = "/courses/dl/people"
LIST = b"email,name,role,colour\nada@example.org,Ada B.,ta,red\nnora@example.org,Nora <New>,,\n"


def choose(browser, content: bytes = LIST):
    return browser.post(f"{PEOPLE}/roster", data={"list": (io.BytesIO(content), "list.csv")})


def confirm(browser, preview):
    (form,) = [form for form in forms_in(preview.text) if form["action"] == f"{PEOPLE}/roster/apply"]
    return browser.post(form["action"], data=form["fields"])


def test_first_one_sees_what_changes(client_of: ClientOf, world: World):
    browser = client_of(world.ines)
    preview = choose(browser)
    assert preview.status_code == 200
    text = preview.text
    assert "This is what changes" in text
    assert "Nora &lt;New&gt;" in text
    assert "role: student → TA" in text
    assert "left out: colour" in text
    assert "Ben Okri, Ines Sol, Tara Rao" in text
    assert "nora@example.org" not in browser.get(PEOPLE).text


def test_then_exactly_that_is_done(client_of: ClientOf, world: World):
    browser = client_of(world.ines)
    assert confirm(browser, choose(browser)).location == PEOPLE
    page = browser.get(PEOPLE).text
    assert "1 person added, 1 member changed" in page
    assert "nora@example.org" in page
    assert "Nothing to change" in choose(browser).text


def test_a_wrong_list_is_told_by_line_and_can_not_be_confirmed(client_of: ClientOf, world: World):
    answer = choose(client_of(world.ines), b"email,name\nada,Ada\nben@example.org,Ben\n")
    assert answer.status_code == 422
    assert "Line 2." in answer.text
    assert "roster/apply" not in answer.text


def test_no_file_is_told(client_of: ClientOf, world: World):
    answer = client_of(world.ines).post(f"{PEOPLE}/roster", data={"list": (io.BytesIO(), "")})
    assert answer.status_code == 422
    assert "The file is empty" in answer.text


def test_what_changed_since_the_look_is_looked_at_again(
    client_of: ClientOf, database: Database, world: World
):
    browser = client_of(world.ines)
    preview = choose(browser)
    with database.writing() as session:
        session.add(User(email="nora@example.org", name="Nora Other"))
    again = confirm(browser, preview)
    assert again.status_code == 200
    assert "has changed since you looked" in again.text
    assert "Nora Other" in again.text
    assert confirm(browser, again).location == PEOPLE


def test_a_confirmation_that_was_tampered_with_does_nothing(client_of: ClientOf, world: World):
    browser = client_of(world.ines)
    other = base64.b64encode(b"email,role\nben@example.org,instructor\n").decode()
    (form,) = [form for form in forms_in(choose(browser).text) if "apply" in (form["action"] or "")]
    assert browser.post(form["action"], data={**form["fields"], "list": other}).status_code == 200
    assert browser.post(form["action"], data={**form["fields"], "list": "not base64!"}).status_code == 400
    assert browser.get(PEOPLE).text.count("instructor</span>") == 1


def test_the_largest_list_goes_through_both_steps(client_of: ClientOf, world: World):
    people = "".join(f"student{number:05}@example.org,Student {number}\n" for number in range(5000))
    browser = client_of(world.ines)
    assert confirm(browser, choose(browser, f"email,name\n{people}".encode())).location == PEOPLE
