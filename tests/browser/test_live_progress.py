"""From the queue to the result while the page is open, with a real worker."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.stepping_grader import FIRST_EPOCH, FIRST_TEST
from tests.browser.test_hand_in import GOOD, SUBMISSION, UNIT, choose
from tests.people import World


def hand_in(page: Page) -> None:
    choose(page, GOOD)
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url(SUBMISSION)


def test_waiting_tests_curve_and_result_come_by_themselves(visit: Visit, world: World, start_worker, stops):
    for number in (FIRST_TEST + 7, FIRST_EPOCH + 3):
        stops.before(number)
    page = visit(world.ada, UNIT)
    hand_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for its turn")
    expect(page.locator("#live-now")).to_have_text("You are next.")
    page.evaluate("window.isStillTheSamePage = true")

    start_worker()
    expect(page.get_by_role("heading", level=1)).to_have_text("Being graded")
    expect(page.locator("#live-count")).to_have_text("7 of 26 tests done, 7 passed")
    expect(page.locator("#live-groups > li").first).to_contain_text("Linear")
    expect(page.locator("#live-groups > li").first.locator(".outcome")).to_have_count(5)

    stops.pass_on(FIRST_TEST + 7)
    expect(page.locator("#live-now")).to_have_text("Training on MNIST")
    expect(page.locator("#live-said")).to_have_text("Training on MNIST")  # what a screen reader says
    expect(page.locator("#live-count")).to_contain_text("3 of 5 epochs trained")
    expect(page.locator("#live-charts figure").first.locator(".marker.student")).to_have_count(4)
    assert page.evaluate("window.isStillTheSamePage")

    stops.pass_on(FIRST_EPOCH + 3)
    expect(page.get_by_role("heading", level=1)).to_have_text("100 of 100 points")
    expect(page.locator("#content")).to_be_focused()
    expect(page.get_by_role("heading", name="The MNIST run")).to_be_visible()


def test_without_javascript_the_page_loads_itself_again(visit: Visit, world: World, start_worker):
    page = visit(world.ada, UNIT, java_script_enabled=False)
    hand_in(page)
    start_worker()
    expect(page.get_by_role("heading", level=1)).to_have_text("100 of 100 points")


def test_cancelling_while_it_waits_gives_the_attempt_back(visit: Visit, world: World):
    page = visit(world.ada, UNIT)
    hand_in(page)
    page.get_by_role("button", name="Cancel this hand-in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
    expect(page.get_by_text("It used no attempt.")).to_be_visible()


def test_staff_have_it_graded_again(visit: Visit, world: World, start_worker):
    page = visit(world.ada, UNIT)
    hand_in(page)
    start_worker()
    expect(page.get_by_role("heading", level=1)).to_have_text("100 of 100 points")
    staff = visit(world.tara, page.url)
    staff.get_by_role("button", name="Grade it again").click()
    expect(staff.get_by_text("It will be graded again.")).to_be_visible()
    rows = staff.get_by_role("table", name="All grading runs").get_by_role("row")
    expect(rows).to_have_count(3)


def test_a_lost_connection_is_told_and_mends_itself(visit: Visit, world: World):
    page = visit(world.ada, UNIT)
    hand_in(page)
    expect(page.locator("#live-said")).not_to_be_empty()
    page.context.set_offline(True)
    expect(page.locator("#live-now")).to_contain_text("Your hand-in is safe")
    page.context.set_offline(False)
    expect(page.locator("#live-now")).to_have_text("You are next.")
