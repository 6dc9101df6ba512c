"""Handing in and reading the result with nothing but a keyboard."""

import re

from playwright.sync_api import Page, TimeoutError, expect

from grader.db.models import User
from tests.browser.conftest import Visit
from tests.browser.test_hand_in import GOOD, SUBMISSION
from tests.people import PASSWORD, World, password_hash

MAX_STEPS = 60


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called so; each stop on the way must show its focus."""
    for _ in range(MAX_STEPS):
        page.keyboard.press("Tab")
        said, outline = page.evaluate(
            """() => {
                const here = document.activeElement, style = getComputedStyle(here);
                const label = here.labels?.[0]?.innerText ?? "";
                if (here === document.body) return ["", "the browser's own controls"];
                return [label || here.innerText || here.ariaLabel || "", style.outlineStyle];
            }"""
        )
        assert outline != "none", f"nothing shows that {said!r} has the focus"
        if re.search(name, said):
            return
    raise AssertionError(f"Tab never comes to {name!r}")


def choose(page: Page) -> None:
    """Open the browser's own window to choose a file, and choose; a busy browser may miss the first key."""
    for last in (False, True):
        try:
            with page.expect_file_chooser() as chooser:
                page.keyboard.press("Space")
        except TimeoutError:
            if last:
                raise
        else:
            chooser.value.set_files(GOOD)
            return


def test_from_signing_in_to_the_result(visit: Visit, world: World, database, start_worker):
    with database.writing() as session:
        session.get_one(User, world.ada.id).password_hash = password_hash()
    page = visit(None, "/")
    tab_to(page, "E-mail")
    page.keyboard.type("ada@example.org")
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your courses")).to_be_visible()
    for place in ("Deep learning", "Module 03 — A first neural network"):
        tab_to(page, f"^{place}$")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(place)
    page.wait_for_load_state("load")
    tab_to(page, "Your project")
    choose(page)
    tab_to(page, "^Hand in$")
    page.keyboard.press("Enter")
    page.wait_for_url(SUBMISSION)
    start_worker()
    expect(page.get_by_role("heading", level=1)).to_have_text("100 of 100 points")
    page.wait_for_load_state("load")  # once it is there, a script moves the focus to the result
    tab_to(page, "^Linear")
    page.keyboard.press("Enter")
    expect(page.locator("#exercise-1")).to_be_in_viewport()


def test_the_first_stop_leads_past_the_masthead(visit: Visit, world: World):
    page = visit(world.ada, "/courses/dl/nn/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
