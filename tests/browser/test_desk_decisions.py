"""Staff decide about grades, from the front page in three clicks; the student sees it."""

import re
from dataclasses import replace
from datetime import UTC, timedelta

from playwright.sync_api import expect

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Allowance, CourseUnit
from tests.browser.conftest import SMALL_WINDOW, Visit
from tests.cast import half_done, reference
from tests.people import World
from tests.web.handed_in import hand_in


def test_a_score_is_decided_the_student_reads_why_and_it_is_withdrawn(
    visit: Visit, world: World, database: Database
):
    hand_in(database, world, half_done(), reference())
    page = visit(world.tara)
    page.get_by_role("link", name="Deep learning").click()
    page.get_by_role("link", name=world.unit.title, exact=True).click()
    page.get_by_role("navigation", name="The unit").get_by_role("link", name="Submissions").click()
    page.get_by_role("link", name=re.compile("Ada Byron.*attempt 2")).click()
    page.get_by_role("link", name="Ada Byron").click()
    page.get_by_text("Set the score").first.click()
    page.get_by_label("Points, of 100").fill("82.5")
    page.locator("#score-reason").fill("Explained the loss at the board.")
    page.get_by_role("button", name="Set the score").click()
    expect(page.get_by_text("Decided. Ada Byron sees it")).to_be_visible()
    expect(page.locator(".steps .sum")).to_contain_text("82.5")

    student = visit(world.ada, "/courses/dl/nn/")
    decided = student.get_by_role("region", name="Decisions about your work")
    expect(decided).to_contain_text("Tara Rao set your score to 82.5 points.")
    expect(decided).to_contain_text("Explained the loss at the board.")

    page.get_by_role("button", name="Withdraw the decision").click()
    expect(page.locator(".steps .sum")).to_contain_text("100")
    page.get_by_role("link", name="audit trail").click()
    expect(page.get_by_role("table", name=re.compile("Decisions in"))).to_contain_text("withdrew the score")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as CSV").click()
    assert download.value.suggested_filename == "decisions-dl.csv"


def test_grades_are_withheld_released_and_a_deadline_is_extended_in_ones_own_zone(
    visit: Visit, world: World, database: Database
):
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).deadline_at = now() - timedelta(days=1)
    hand_in(database, world, replace(half_done(), score=61.25))
    page = visit(world.ines, timezone_id="Asia/Tokyo")
    page.get_by_role("link", name="Deep learning").click()
    page.get_by_role("link", name=world.unit.title, exact=True).click()
    page.get_by_role("navigation", name="The unit").get_by_role("link", name="Terms").click()
    page.get_by_role("button", name="Withhold the grades").click()
    release = page.get_by_role("button", name="Release the grades")
    expect(release).to_be_visible()
    student = visit(world.ada, "/courses/dl/nn/", viewport=SMALL_WINDOW)
    expect(student.get_by_text("Not released yet")).to_be_visible()
    score = student.get_by_text("61.2")  # no time of day reads so
    expect(score).to_have_count(0)
    release.click()
    expect(page.get_by_role("button", name="Withhold the grades")).to_be_visible()
    student.reload()
    expect(student.get_by_text("The grades of this unit were released on")).to_be_visible()
    expect(score.first).to_be_visible()

    page.get_by_text("Grant a section or a student more").click()
    page.get_by_label("Or one student’s address").fill("ada@example.org")
    page.get_by_label("New deadline (Asia/Tokyo)").fill("2099-12-01T09:00")
    page.get_by_label("Reason").fill("Ill, with a note.")
    page.get_by_role("button", name="Grant", exact=True).click()
    expect(page.get_by_role("table", name="What was granted")).to_contain_text("09:00 GMT+9")
    with database.reading() as session:
        deadline_at = session.query(Allowance).one().deadline_at
    assert deadline_at is not None and f"{deadline_at.astimezone(UTC):%d %H:%M}" == "01 00:00"
    student.reload()
    expect(student.get_by_text("extended for you")).to_be_visible()
