"""History, comparison and downloads."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.cast import half_done, reference, template
from tests.people import World
from tests.web.handed_in import hand_in

UNIT = "/courses/dl/nn/"


def test_history_leads_to_each_attempt_and_to_the_comparison(visit: Visit, world: World, database):
    hand_in(database, world, template(), half_done(), reference())
    page = visit(world.ada, UNIT)
    attempts = page.get_by_role("table", name="Your attempts")
    expect(attempts.get_by_role("row")).to_have_count(4)
    expect(attempts.get_by_role("row").nth(1)).to_contain_text("counts")
    expect(page.locator(".score-chart .chart > svg .marker")).to_have_count(3)
    page.get_by_role("link", name="Compare two attempts").click()
    expect(page.get_by_role("heading", name="From attempt 2 to attempt 3")).to_be_visible()
    page.get_by_label("From", exact=True).select_option(label="Attempt 1 · 0 points")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="From attempt 1 to attempt 3")).to_be_visible()


def test_downloads_are_saved_not_shown(visit: Visit, world: World, database):
    (public_id,) = hand_in(database, world, reference(), content=b"PK what was handed in")
    page = visit(world.ada, f"/submissions/{public_id}")
    for link, name in (
        ("What was handed in", "nn-1.zip"),
        ("The report as a page", "nn-1-report.html"),
        ("JSON", "nn-1-report.json"),
    ):
        with page.expect_download() as download:
            page.get_by_role("link", name=link, exact=True).click()
        assert download.value.suggested_filename == name
        if name == "nn-1.zip":
            assert download.value.path().read_bytes() == b"PK what was handed in"


def test_times_are_told_in_the_readers_own_zone(visit: Visit, world: World, database):
    hand_in(database, world, reference())
    page = visit(world.ada, UNIT, timezone_id="Asia/Tokyo")
    moment = page.get_by_role("table", name="Your attempts").locator("time").first
    expect(moment).to_contain_text("GMT+9")
    assert moment.get_attribute("title").endswith("UTC")
