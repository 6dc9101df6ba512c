"""A TA at the gradebook: found in two clicks, searched, sorted, walked through by keys, and taken away."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from grader.db.base import now
from grader.db.models import CourseUnit, Enrolment
from tests.browser.conftest import SMALL_WINDOW, Visit
from tests.cast import half_done, reference
from tests.people import World, enrol, make_person, make_unit
from tests.web.handed_in import hand_in

STUDENTS = 60


def fill_course(database, world: World) -> None:
    """Ada is late, Ben has half of the points, and many more have handed in nothing."""
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        unit.deadline_at, unit.late_percent_per_day = now() - timedelta(hours=12), 10.0
        make_unit(session, world.course, slug="cnn", title="Convolutions", position=1)
        for number in range(STUDENTS - 2):
            person = make_person(session, f"Student{number:02} Doe")
            enrol(session, world.course, person, section="B")
        session.query(Enrolment).filter_by(user_id=world.ada.id).one().section = "A"
    hand_in(database, world, reference())
    hand_in(database, world, half_done(), person=world.ben, received_at=now() - timedelta(days=3))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('tr').cells[0].innerText.trim()"))


def test_a_week_at_the_gradebook(visit: Visit, world: World, database):
    fill_course(database, world)
    page = visit(world.tara, "/")
    page.get_by_role("link", name="Deep learning").click()
    page.get_by_role("link", name="Gradebook").click()
    rows = page.locator("table.gradebook tbody tr")
    expect(rows).to_have_count(STUDENTS)
    expect(rows.first).to_contain_text("1 d late")
    expect(rows.first).to_contain_text("90")

    # by keys: from the search into the table as one stop, over the cells, and to the first and last
    grid = page.get_by_role("grid")
    expect(grid).to_be_visible()  # the script has run
    first = rows.first.get_by_role("link", name="Ada Byron")
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Ben Okri"
    page.keyboard.press("Control+End")
    assert focused(page) == "Handed in"
    page.keyboard.press("PageUp")
    assert focused(page).startswith("Student")
    in_sight = """() => {
        const cell = document.activeElement.closest("td, th").getBoundingClientRect();
        const head = document.querySelector(".gradebook thead").getBoundingClientRect();
        return cell.top >= head.bottom - 1 && cell.bottom <= innerHeight;
    }"""
    for _ in range(30):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    assert page.evaluate(in_sight), "the focus is hidden by the header"
    page.keyboard.press("/")
    expect(page.get_by_label("Name, e-mail or number")).to_be_focused()
    expect(grid.locator("[tabindex='0']")).to_have_count(1)

    # search, by the same key; sort; filter
    page.keyboard.type("okri")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="show all").click()
    page.get_by_role("columnheader", name="Module 03").get_by_role("link").click()
    expect(rows.first).to_contain_text("Ben Okri")
    expect(page.get_by_role("columnheader", name="Module 03")).to_have_attribute("aria-sort", "ascending")
    page.get_by_label("State").select_option("late")
    page.get_by_role("button", name="Show").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Ada Byron")
    with page.expect_download() as download:
        page.get_by_role("link", name="for Canvas").click()
    assert "Ada Byron" in download.value.path().read_text(encoding="utf-8")

    # Enter opens the cell: the student in the unit, or the submission that counts
    rows.first.get_by_role("link", name="90").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/students/\d+$|/submissions/\w+$"))


def test_it_fits_a_phone_and_works_without_scripts(visit: Visit, world: World, database):
    fill_course(database, world)
    page = visit(world.tara, "/courses/dl/gradebook", viewport=SMALL_WINDOW, java_script_enabled=False)
    page.get_by_label("Section").select_option("A")
    page.get_by_role("button", name="Show").click()
    rows = page.locator("table.gradebook tbody tr")
    expect(rows).to_have_count(1)
    box = page.locator(".scroller").bounding_box()
    assert box is not None
    assert box["width"] <= SMALL_WINDOW["width"]
    page.get_by_role("link", name="Total").click()
    expect(page).to_have_url(re.compile("sort=total"))
    assert "section=A" in page.url
    expect(rows).to_have_count(1)
