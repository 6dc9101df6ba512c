"""Handing in: by button, by drag-and-drop, with mistakes, without JavaScript."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from grader.db.models import Submission
from tests.browser.conftest import Visit
from tests.people import World
from tests.submissions.archives.packing import as_zip, honest_tree

UNIT = "/courses/dl/nn/"
SUBMISSION = re.compile(r"/submissions/[a-z0-9]{12}$")
GOOD = {"name": "my-project.zip", "mimeType": "application/zip", "buffer": as_zip(honest_tree())}
WITHOUT_OPTIM = {path: content for path, content in honest_tree().items() if not path.endswith("optim.py")}
INCOMPLETE = {**GOOD, "buffer": as_zip(WITHOUT_OPTIM)}


def choose(page: Page, file: dict[str, object]) -> None:
    page.get_by_label("Your project as a .zip or .tar.gz").set_input_files(file)  # type: ignore[arg-type]


def drop(page: Page, name: str, content: bytes) -> None:
    """Let go of a file over the form, as a person does who dragged it there."""
    page.evaluate(
        """([name, content]) => {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], name));
            const area = document.querySelector(".drop");
            const options = { dataTransfer: data, bubbles: true, cancelable: true };
            for (const kind of ["dragenter", "dragover", "drop"])
                area.dispatchEvent(new DragEvent(kind, options));
        }""",
        [name, base64.b64encode(content).decode()],
    )


def test_by_button(visit: Visit, world: World):
    page = visit(world.ada, UNIT)
    choose(page, GOOD)
    expect(page.locator("#chosen")).to_contain_text("my-project.zip")
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url(SUBMISSION)
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for its turn")


def test_by_drag_and_drop(visit: Visit, world: World):
    page = visit(world.ada, UNIT)
    drop(page, "dropped.zip", as_zip(honest_tree()))
    expect(page.locator("#chosen")).to_contain_text("dropped.zip")
    expect(page.get_by_role("button", name="Hand in")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(SUBMISSION)


def test_a_mistake_is_told_by_the_form_and_can_be_mended_there(visit: Visit, world: World):
    page = visit(world.ada, UNIT)
    choose(page, INCOMPLETE)
    page.get_by_role("button", name="Hand in").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("optim.py")
    expect(alert).to_contain_text("no attempt is used")
    expect(alert).to_be_focused()
    assert page.url.endswith(UNIT)
    choose(page, GOOD)
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url(SUBMISSION)


def test_what_is_too_big_is_told_before_anything_is_sent(visit: Visit, world: World, tmp_path: Path):
    big = tmp_path / "with-data.zip"
    with big.open("wb") as file:
        file.truncate(33 * 1024**2)
    page = visit(world.ada, UNIT)
    page.on("request", lambda request: pytest.fail("it was sent") if request.method == "POST" else None)
    page.get_by_label("Your project as a .zip or .tar.gz").set_input_files(big)
    expect(page.locator("#chosen")).to_contain_text("too big")
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#chosen")).to_contain_text("too big")
    assert page.url.endswith(UNIT)


def test_a_second_click_hands_in_once(visit: Visit, world: World, database):
    page = visit(world.ada, UNIT)
    choose(page, GOOD)
    page.get_by_role("button", name="Hand in").dblclick()
    page.wait_for_url(SUBMISSION)
    with database.reading() as session:
        assert session.query(Submission).count() == 1


def test_without_javascript_it_works_too(visit: Visit, world: World):
    page = visit(world.ada, UNIT, java_script_enabled=False)
    choose(page, INCOMPLETE)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("alert")).to_contain_text("optim.py")
    choose(page, GOOD)
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url(SUBMISSION)
    expect(page.get_by_text("You are next.")).to_be_visible()


def test_when_the_connection_breaks_off_it_says_so(visit: Visit, world: World):
    page = visit(world.ada, UNIT)
    choose(page, GOOD)
    page.route("**/submissions", lambda route: route.abort())
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#chosen")).to_contain_text("The connection broke off")
    expect(page.get_by_role("button", name="Hand in")).to_be_enabled()
