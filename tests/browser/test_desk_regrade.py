"""A regrade in the browser: found in three clicks, started, watched, looked at, promoted and taken back."""

import re
from dataclasses import replace

from playwright.sync_api import expect

from tests.browser.conftest import SMALL_WINDOW, Visit
from tests.browser.site import Site
from tests.people import World
from tests.regrades.acted import Acted, copy_unit, failing


def test_from_the_front_page_to_a_regrade_that_counts_and_back(
    visit: Visit, site: Site, world: World, database, tmp_path
):
    settings = replace(site.settings, units_root=copy_unit(tmp_path / "on_disk"))
    acted = Acted(database, settings, world, lambda email, unit: failing())
    bad = acted.store("Week 3").digest
    acted.verdict = lambda email, unit: failing(
        *(["test_weight_decay"] if unit.digest == bad else []),
        *(["test_step_is_not_tracked"] if unit.digest != bad and email == world.ben.email else []),
    )
    for person in (world.ada, world.ben):
        acted.hand_in(person)
    acted.change_tests()
    mended = acted.store("Week 3, mended")
    acted.change_tests("# something else on disk\n")

    page = visit(world.ines)
    page.get_by_role("link", name="Deep learning").first.click()
    page.get_by_role("link", name=re.compile("Module 03")).first.click()
    page.get_by_role("link", name="Regrades").click()

    page.get_by_label("By which tests").select_option(str(mended.id))
    page.get_by_label("Why").fill("The test of weight decay was wrong.")
    page.get_by_role("button", name="Start it").click()
    expect(page.get_by_text("0 of 2")).to_be_visible()
    page.get_by_role("heading", name="The test of weight decay was wrong.").click()  # no button has the focus
    acted.finish()
    promote = page.get_by_role("button", name="Let it count")
    expect(promote).to_be_visible()  # by itself

    students = page.get_by_role("table", name="Grades before and after")
    expect(students.get_by_role("row")).to_have_count(2)
    expect(students).to_contain_text("Ada Byron")
    page.get_by_role("combobox", name="Students").select_option("all")
    page.get_by_role("button", name="Show").click()
    expect(students).to_contain_text("Ben Okri")
    students.get_by_role("link", name=re.compile("Ben")).click()
    expect(page.get_by_role("heading", name="Fail now")).to_be_visible()
    page.go_back()
    promote.click()
    expect(page.get_by_text("It counts since")).to_be_visible()

    student = visit(world.ada, "/courses/dl/nn/", viewport=SMALL_WINDOW)
    student.get_by_role("table", name="Your attempts").get_by_role("link").first.click()
    expect(student.get_by_text("Why: The test of weight decay was wrong.")).to_be_visible()

    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("what stood before stands again")).to_be_visible()
    page.get_by_role("link", name="Tests", exact=True).click()
    expect(page.get_by_role("table")).to_contain_text("Week 3, mended")
