"""One submission at the staff's desk: its code with comments, its changes, its notebook, its replay."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from grader.db.models import Comment, GradingRun, Submission, User
from grader.judging.result import ReviewFlag
from grader.reading import comments
from tests.browser.conftest import SMALL_WINDOW, Visit
from tests.browser.looks import LOOKS, fits, objections
from tests.cast import crashing, too_slow
from tests.people import World, make_run
from tests.reading.hand_ins import LOSS
from tests.reading.test_notebook import SOLVED
from tests.web.reading import hand_in_files

MINE = b"import torch\n\n\ndef loss(x):\n    return x.sum()\n"
NOTEBOOK = "notebooks/03-nn.ipynb"


def test_a_ta_reads_a_submission_and_comments_on_a_line(visit: Visit, world: World, database):
    hand_in_files(database, world)
    public_id = hand_in_files(database, world, {LOSS: MINE, NOTEBOOK: SOLVED.read_bytes()})
    page = visit(world.tara)
    page.get_by_role("link", name="Deep learning").click()
    page.get_by_role("link", name="All submissions").click()
    page.get_by_role("link", name=re.compile("Ada Byron.*attempt 2")).click()
    page.get_by_role("navigation", name="The submission").get_by_role("link", name="Code").click()
    tabs = page.get_by_role("navigation", name="The unit")
    expect(tabs.locator("[aria-current]")).to_have_text("Submissions")
    source = page.get_by_role("table", name=f"{LOSS}, line by line")
    fifth = source.get_by_role("link", name="5", exact=True)
    expect(fifth).to_have_attribute("tabindex", "-1")  # the script has run
    source.get_by_role("link", name="4", exact=True).press("ArrowDown")
    expect(fifth).to_be_focused()
    page.keyboard.press("Enter")
    text = page.get_by_label("Comment on line 5")
    expect(text).to_be_focused()
    page.keyboard.press("Escape")
    expect(text).to_have_count(0)
    fifth.click()
    text.fill("Why the sum? The mean does not grow with the batch.")
    page.get_by_role("button", name="Comment", exact=True).click()
    comment = page.locator(".comment")
    expect(comment).to_contain_text("Why the sum?")
    comment.get_by_role("link", name="Edit").click()
    page.get_by_label("Your comment").fill("Why the sum? Take the mean.")
    page.get_by_role("button", name="Save").click()
    expect(comment).to_contain_text("Take the mean.")

    student = visit(world.ada, f"/submissions/{public_id}", viewport=SMALL_WINDOW)
    student.get_by_role("link", name="Read it").click()
    expect(student.locator(".comment")).to_be_visible()
    assert fits(student)
    student.get_by_role("link", name="Changes", exact=True).click()
    expect(student.get_by_role("heading", name="Changes", level=1)).to_be_visible()
    assert fits(student)
    expect(student.get_by_role("link", name="the reference")).to_have_count(0)

    page.get_by_role("link", name="Changes", exact=True).click()
    page.get_by_role("link", name="the reference", exact=True).click()
    expect(page.locator(".changed-files")).to_contain_text(LOSS)
    page.get_by_role("link", name="one column").click()
    page.get_by_role("link", name="attempt 1", exact=True).click()
    expect(page.get_by_role("heading", name=LOSS)).to_be_visible()
    page.get_by_role("link", name="Notebook", exact=True).click()
    picture = page.get_by_role("img", name="Picture that cell 5 drew")
    picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "element => element.complete && element.naturalWidth > 0", arg=picture.element_handle()
    )
    page.get_by_role("link", name="Log", exact=True).click()
    page.get_by_role("button", name="Replay run 2").click()
    expect(page.get_by_role("heading", name="Run 3, replay of run 2")).to_be_visible()
    with database.reading() as session:
        assert session.query(Comment).one().line == 5
        assert session.query(GradingRun).filter_by(repeats_run_id=2, seed=7, stands=False).count() == 1


def test_without_scripts_a_line_s_number_leads_to_the_form(visit: Visit, world: World, database):
    public_id = hand_in_files(database, world, {LOSS: MINE})
    page = visit(world.tara, f"/submissions/{public_id}/code", java_script_enabled=False)
    source = page.get_by_role("table", name=f"{LOSS}, line by line")
    source.get_by_role("link", name="2", exact=True).click()
    page.get_by_label("Comment on line 2").fill("Import what you need.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".comment")).to_contain_text("Import what you need.")
    page.locator(".comment").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The comment was removed.")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_fit_and_are_accessible(visit: Visit, world: World, database, look: str):
    flag = ReviewFlag("off-limits-api", LOSS, 5, "torch.sum is off limits.")
    result = replace(crashing(), review=(flag,))
    public_id = hand_in_files(database, world, {LOSS: MINE, NOTEBOOK: SOLVED.read_bytes()}, result)
    with database.writing() as session:
        submission = session.query(Submission).one()
        author = session.get_one(User, world.tara.id)
        comments.add(session, submission, LOSS, 5, "Take the mean.", author=author, address=None)
        make_run(session, submission, too_slow(), stands=False, repeats_run_id=1)
    found_on = {}
    for path in ("code", f"code?file={LOSS}&line=2", "diff", "diff?view=unified&whole=1", "notebook", "log"):
        page = visit(world.tara, f"/submissions/{public_id}/{path}", **LOOKS[look])
        if found := objections(page):
            found_on[path] = found
        page.context.close()
    assert found_on == {}
