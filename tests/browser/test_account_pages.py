"""The pages of accounts: they fit, axe objects to nothing, and they work without scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from grader.accounts.invitations import invite
from grader.accounts.password_links import make_password_link
from grader.accounts.tokens import create_token
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Role, Scope, User
from tests.browser.conftest import Visit
from tests.browser.looks import LOOKS, objections
from tests.browser.site import Site
from tests.people import PASSWORD, World, enrol, make_person, password_hash

LONG = "Noor van der Berg-Whittington-Fotheringham"
LIST = "email,name,role,section,colour\nada@example.org,Ada,ta,A,\nnora@example.org,Nora New,,B,\n"
WRONG_LIST = "email,name\nada,Ada\n"
PEOPLE = "/courses/dl/people"


@pytest.fixture
def links(database: Database, world: World, site: Site) -> dict[str, str]:
    """A course with a bit of everything, and the paths of an invitation and of a link for a new password."""
    with database.writing() as session:
        ines, ada = session.get_one(User, world.ines.id), session.get_one(User, world.ada.id)
        ines.password_hash = ada.password_hash = password_hash()
        enrol(
            session,
            world.course,
            make_person(session, LONG, email="noor@students.of-a-very-long-university-name.example.org"),
            student_number="20811815",
            section="Tuesday morning",
        )
        enrol(session, world.course, make_person(session, "Frida Ott"), ended_at=now())
        for name in ("laptop", "the old desk computer in the corner of the lab"):
            create_token(session, ines.id, name, list(Scope), (now() - ines.created_at) * 1000, now())
        invitation = invite(
            session, world.course.id, "nora@example.org", "Nora New", Role.STUDENT, ines.id, now()
        )
        key = site.app.config["SECRET_KEY"]
        password = make_password_link(session, key, ada, ines.id, world.course.id, now())
    return {"invitation": f"/invitation/{invitation}", "password": f"/password/{password}"}


def open_all(page: Page) -> None:
    for summary in page.locator("summary").all():
        summary.click()


def choose_list(page: Page, content: str) -> None:
    open_all(page)
    page.set_input_files(
        "#list", files=[{"name": "list.csv", "mimeType": "text/csv", "buffer": content.encode()}]
    )
    page.get_by_role("button", name="Look at what changes").click()
    found = re.compile("This is what changes|The list needs mending")
    expect(page.get_by_role("heading", name=found)).to_be_visible()


def make_token(page: Page) -> None:
    open_all(page)
    page.get_by_label("Name", exact=True).fill("phone")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("heading", name="Your new token")).to_be_visible()


def show_links(page: Page) -> None:
    open_all(page)
    page.get_by_role("button", name="Show the links").click()
    expect(page.get_by_role("heading", name="Links to join")).to_be_visible()


def fail_to_sign_in(page: Page) -> None:
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()


SCENES: dict[str, tuple[str | None, str, Callable[[Page], None] | None]] = {
    "sign-in": (None, "/sign-in", None),
    "sign-in that failed": (None, "/sign-in", fail_to_sign_in),
    "invitation": (None, "invitation", None),
    "invitation that is over": (None, "/invitation/none", None),
    "new password": (None, "password", None),
    "home": ("ines", "/", None),
    "empty home": ("olaf", "/", None),
    "account": ("ines", "/account", open_all),
    "new token": ("ines", "/account", make_token),
    "people": ("ines", PEOPLE, open_all),
    "people for a TA": ("tara", PEOPLE, None),
    "member": ("ines", f"{PEOPLE}/1", None),
    "links": ("ines", PEOPLE, show_links),
    "list": ("ines", PEOPLE, lambda page: choose_list(page, LIST)),
    "list to be mended": ("ines", PEOPLE, lambda page: choose_list(page, WRONG_LIST)),
    "nothing there": ("ines", "/nothing", None),
}


@pytest.mark.parametrize("look", LOOKS)
def test_pages_fit_and_are_accessible(visit: Visit, world: World, links: dict[str, str], look: str):
    found_on = {}
    for name, (person, path, act) in SCENES.items():
        page = visit(getattr(world, person) if person else None, links.get(path, path), **LOOKS[look])
        if act is not None:
            act(page)
        if found := objections(page):
            found_on[name] = found
        page.context.close()
    assert found_on == {}


def test_an_invited_person_gets_in_and_out_and_in_without_scripts(
    visit: Visit, world: World, links: dict[str, str]
):
    page = visit(None, links["invitation"], java_script_enabled=False)
    page.get_by_label("Password", exact=True).fill("seven grey geese")
    page.get_by_label("Password again").fill("seven grey geese")
    page.get_by_role("button", name="Join the course").click()
    expect(page.get_by_role("status")).to_have_text("Welcome to Deep learning.")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail address").fill("nora@example.org")
    page.get_by_label("Password").fill("seven grey geese")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your courses")).to_be_visible()


def test_signing_in_by_keyboard(visit: Visit, world: World, links: dict[str, str]):
    page = visit(None, "/sign-in")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type("ada@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your courses")).to_be_visible()


def test_a_list_is_brought_in_without_scripts(visit: Visit, world: World, links: dict[str, str]):
    page = visit(world.ines, PEOPLE, java_script_enabled=False)
    choose_list(page, LIST)
    page.get_by_role("button", name="Bring in the list").click()
    expect(page.get_by_role("status")).to_have_text("The list is in: 1 person added, 1 member changed.")


def test_a_link_is_copied_by_its_button(visit: Visit, world: World, links: dict[str, str]):
    page = visit(world.ines, PEOPLE, permissions=["clipboard-read", "clipboard-write"])
    show_links(page)
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#link-1").input_value()
    assert "/invitation/" in copied
