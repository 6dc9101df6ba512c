"""The rubric, walked: from the front page to marking in three clicks, by keyboard from student to student."""

from playwright.sync_api import Page, expect

from grader.db.models import CourseUnit
from tests.browser.conftest import Visit
from tests.browser.looks import objections
from tests.cast import half_done, reference
from tests.people import World
from tests.web.handed_in import hand_in


def to_the_rubric(page: Page) -> None:
    """Go there from the front page, as somebody would who has never been there."""
    page.get_by_role("link", name="Deep learning").first.click()
    page.get_by_role("link", name="Module 03").first.click()
    page.get_by_role("link", name="Rubric", exact=True).click()
    expect(page.get_by_role("heading", name="Rubric", level=1)).to_be_visible()


def test_a_rubric_is_made_marked_by_two_and_read_by_the_student(visit: Visit, world: World, database):
    hand_in(database, world, reference())
    hand_in(database, world, half_done(), person=world.ben)

    ines = visit(world.ines)
    to_the_rubric(ines)
    ines.get_by_role("button", name="Start from the course’s checklist").click()
    expect(ines.get_by_text("5 items, 20 points")).to_be_visible()

    tara = visit(world.tara)
    to_the_rubric(tara)
    assert objections(tara) == []
    tara.get_by_label("Students").select_option(label="not marked yet")
    tara.get_by_role("button", name="Show").click()
    tara.get_by_role("link", name="Mark Ada Byron").click()
    expect(tara.get_by_label("Points for Toy classifier: plot and answer")).to_be_focused()
    ines.goto(tara.url)  # both have Ada's form open now
    assert objections(tara) == []
    tara.keyboard.press("Alt+ArrowUp")
    expect(tara.locator("output")).to_have_text("3")
    tara.keyboard.press("Tab")
    tara.keyboard.type("Lovely boundary.")
    tara.keyboard.press("Tab")
    tara.keyboard.type("3,5")
    tara.keyboard.press("Enter")
    expect(tara.get_by_role("heading", name="Ben Okri")).to_be_visible()

    first = ines.get_by_label("Points for Toy classifier: plot and answer")
    first.fill("1")
    ines.get_by_label("Points for Said out loud").fill("5")
    ines.get_by_role("button", name="Save", exact=True).click()
    expect(ines.get_by_text("Tara Rao gave 3")).to_be_visible()
    expect(ines.get_by_text("“Lovely boundary.”")).to_be_visible()
    expect(first).to_have_value("1")
    assert objections(ines) == []
    ines.get_by_role("button", name="Save", exact=True).click()
    expect(ines.get_by_text("Ada Byron’s marks are saved.")).to_be_visible()

    ada = visit(world.ada, "/courses/dl/nn/")
    expect(ada.get_by_role("heading", name="Graded by people")).to_be_visible()
    expect(ada.get_by_text("100 by the tests and 9.5 by people: 109.5 of 120 points.")).to_be_visible()
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).are_grades_withheld = True
    ada.reload()
    expect(ada.get_by_role("heading", name="Graded by people")).to_have_count(0)


def test_marking_works_without_scripts_and_on_a_small_screen(visit: Visit, world: World):
    page = visit(
        world.ines, "/courses/dl/nn/rubric", java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    page.get_by_role("button", name="Start from the course’s checklist").click()
    page.get_by_role("link", name="Ada Byron", exact=True).click()
    page.get_by_label("Points for Said out loud").fill("4")
    assert page.locator("main").bounding_box()["width"] <= 360
    page.get_by_role("button", name="Save and go on").last.click()
    page.get_by_role("link", name="2 of 2").click()
    expect(page.get_by_role("row", name="Ada Byron")).to_contain_text("4")
