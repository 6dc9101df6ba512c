"""A TA checks a unit for hand-ins that are alike, reads a pair and says what to make of it."""

import random
import re

import sqlalchemy as sa
from playwright.sync_api import expect

from grader.db.models import Task
from tests.browser.conftest import SMALL_WINDOW, Visit
from tests.browser.site import Site
from tests.people import World, enrol, make_person
from tests.similarity.checked import carry_out, hand_in_files
from tests.similarity.disguises import all_at_once
from tests.similarity.honest import honest_submissions


def test_from_the_front_page_to_a_pair_that_is_to_be_discussed(
    visit: Visit, world: World, database, site: Site
):
    honest = honest_submissions(5)
    with database.writing() as session:
        hand_in_files(session, world.unit, world.ada, honest[2])
        hand_in_files(session, world.unit, world.ben, all_at_once(honest[2], random.Random(1)))
        for number in (3, 4):
            person = make_person(session, f"S{number} Holm")
            enrol(session, world.course, person)
            hand_in_files(session, world.unit, person, honest[number])

    page = visit(world.tara)
    page.get_by_role("link", name="Deep learning").first.click()
    page.get_by_role("link", name=re.compile("Module 03")).first.click()
    page.get_by_role("link", name="Similarity", exact=True).click()
    page.get_by_role("button", name="Start the check").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()

    with database.writing() as session:
        task = session.scalars(sa.select(Task)).one()
        task.state, task.fence = "running", 1
    carry_out(database, site.settings, task)
    expect(page.get_by_role("heading", name="Most alike")).to_be_visible()  # the page follows by itself
    row = page.get_by_role("link", name="Ada Byron and Ben Okri")
    row.click()
    part = page.get_by_role("table").first.get_by_role("link", name="2", exact=True)
    expect(part).to_be_visible()
    page.wait_for_load_state()  # the script has run
    part.click()
    for side in ("a", "b"):
        expect(page.locator(f"#{side}-2")).to_be_in_viewport()
        expect(page.locator(f"#{side}-2")).to_have_class(re.compile("found"))
    page.get_by_label("To be discussed").check()
    page.get_by_label(re.compile("^Note")).fill("the same sum twice")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("To be discussed: the same sum twice")).to_be_visible()
    page.get_by_role("navigation", name="The unit").get_by_role("link", name="Similarity").click()
    expect(page.get_by_role("row", name=re.compile("Ada Byron and Ben Okri"))).to_contain_text(
        "To be discussed"
    )

    small = visit(world.tara, "/courses/dl/nn/similarity", viewport=SMALL_WINDOW, java_script_enabled=False)
    small.get_by_role("link", name="Ada Byron and Ben Okri").click()
    sides = small.locator(".side")
    expect(sides).to_have_count(2)
    tops = [side.bounding_box()["y"] for side in sides.all()]
    assert tops[1] > tops[0] + 100  # one under the other
