"""The unit in numbers, as a TA uses it."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import SMALL_WINDOW, Visit
from tests.browser.looks import fits
from tests.cast import half_done, reference, too_slow
from tests.people import World
from tests.web.handed_in import hand_in


def test_how_many_forget_no_grad_and_who_in_three_clicks(visit: Visit, world: World, database):
    hand_in(database, world, reference())
    hand_in(database, world, half_done(), person=world.ben)
    page = visit(world.tara, "/")
    page.get_by_role("link", name="Deep learning").first.click()
    page.get_by_role("link", name="Analytics of Module 03").click()
    row = page.get_by_role("table", name="Hints by number of students").get_by_role(
        "row", name="no-grad-missing"
    )
    expect(row).to_contain_text("1 student")
    row.get_by_role("link", name="1 student").click()
    expect(page.get_by_role("heading", name="1 student")).to_be_visible()
    who = page.get_by_role("table", name="Students whose counting attempt")
    expect(who.get_by_role("row")).to_have_count(2)
    who.get_by_role("link", name="Ben Okri").click()
    expect(page).to_have_url(re.compile("/submissions/"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_every_chart_has_its_numbers_and_fits_a_small_screen(visit: Visit, world: World, database):
    hand_in(database, world, half_done(), reference(), too_slow())
    hand_in(database, world, half_done(), person=world.ben)
    page = visit(world.tara, "/courses/dl/nn/analytics", viewport=SMALL_WINDOW)
    charts = page.locator("figure.chart")
    expect(charts).to_have_count(4)
    for number in range(4):
        charts.nth(number).locator("summary").click()
        expect(charts.nth(number).get_by_role("table")).to_be_visible()
    assert fits(page)
    page.get_by_role("navigation", name="The unit").get_by_role("link", name="Unit", exact=True).click()
    page.get_by_role("link", name="Deep learning").click()
    page.get_by_role("link", name="Queue").click()
    expect(page.get_by_role("heading", name="Queue", level=1)).to_be_visible()
    here = page.get_by_role("navigation", name="The course").locator("[aria-current]")
    expect(here).to_be_in_viewport(ratio=1)  # the bar is wider than the window
    assert fits(page)
