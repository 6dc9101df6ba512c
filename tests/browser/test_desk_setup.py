"""Setting up a course in the browser: from the front page to a unit that students can hand in."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from grader.db.database import Database
from grader.db.models import AuditEvent, Course, CourseUnit, Enrolment, Role, Task, TaskKind, TaskState
from grader.tasks import request
from tests.browser.conftest import Visit
from tests.people import World

LIST = "email,name,role\nada@example.org,Ada Byron,\nnora@example.org,Nora New,\n"


def follow_step(page: Page, title: str) -> None:
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name=title).click()


def test_an_admin_sets_up_a_course(visit: Visit, world: World, database: Database):
    page = visit(world.abe, "/", timezone_id="Europe/Paris")

    page.get_by_role("link", name="Create a course").click()
    page.get_by_label("Title").fill("Deep learning, autumn 2027")
    page.get_by_label("Short name").fill("dl-2027")
    page.get_by_label("E-mail address of the first instructor").fill("ines.sol@example.org")
    page.get_by_role("button", name="Create the course").click()
    assert "/invitation/" in page.get_by_label("Link for ines.sol@example.org").input_value()
    page.get_by_role("link", name="Set up the course").click()
    expect(page.get_by_text("0 of 6 done")).to_be_visible()

    page.locator(".first-steps").get_by_role("link", name="Add a unit").click()
    page.get_by_role("button", name="Add the unit").click()
    expect(page.get_by_role("status")).to_contain_text("Students see it once you publish it.")

    expect(page.get_by_text("(Europe/Paris)").first).to_be_visible()
    page.locator("#deadline_at").fill("2031-07-01T18:00")
    page.get_by_label("Attempts").fill("10")
    page.get_by_label("Published").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.locator("#deadline_at")).to_have_value("2031-07-01T18:00")

    page.get_by_label("Attempts").fill("8")
    page.locator("#deadline_at").fill("2031-06-30T18:00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Tell them.")
    page.get_by_role("link", name="Leave it as it was").click()
    expect(page.get_by_label("Attempts")).to_have_value("10")

    page.get_by_role("link", name="Deep learning, autumn 2027").click()
    follow_step(page, "Bring in the students")
    page.get_by_text("Bring in a list", exact=True).click()
    page.set_input_files(
        "#list", files=[{"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()}]
    )
    page.get_by_role("button", name="Look at what changes").click()
    page.get_by_role("button", name="Bring in the list").click()
    expect(page.get_by_role("status")).to_contain_text("2 people added")

    follow_step(page, "Invite the other staff")
    page.get_by_text("Invite one person", exact=True).click()
    page.get_by_label("E-mail address").fill("tim@example.org")
    page.get_by_label("Role", exact=True).select_option("ta")
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_label("Link for tim@example.org")).to_be_visible()

    page.goto("/courses/dl-2027/settings")
    expect(page.get_by_text("5 of 6 done")).to_be_visible()
    with database.reading() as session:
        course = session.query(Course).filter_by(slug="dl-2027").one()
        unit = session.query(CourseUnit).filter_by(course_id=course.id).one()
        students = session.query(Enrolment).filter_by(course_id=course.id, role=Role.STUDENT).count()
        acts = [each.action for each in session.query(AuditEvent).filter_by(course_id=course.id)]
    assert unit.deadline_at is not None
    assert unit.deadline_at.isoformat() == "2031-07-01T16:00:00+00:00", "18:00 in Paris"
    assert (unit.max_attempts, unit.is_published, students) == (10, True, 2)
    assert {"course.create", "unit.add", "unit.change", "member.invite"} <= set(acts)
    ada = visit(world.ada, "/")
    ada.get_by_role("link", name="Deep learning, autumn 2027").click()
    expect(ada.get_by_role("link", name="Module 03")).to_be_visible()


def test_a_moment_that_is_typed_before_the_script_comes_is_in_utc(
    visit: Visit, world: World, database: Database
):
    page = visit(world.ines, timezone_id="Asia/Tokyo")

    def type_first(route: Route) -> None:
        page.locator("#opens_at").fill("2031-07-01T18:00")
        route.continue_()

    page.route("**/local_moments.js*", type_first, times=1)
    page.goto("/courses/dl/nn/settings")
    expect(page.get_by_label("Deadline (Asia/Tokyo)")).to_be_visible()  # the script has run
    expect(page.get_by_label("Opens (UTC)")).to_have_value("2031-07-01T18:00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    with database.reading() as session:
        opens_at = session.get_one(CourseUnit, world.unit.id).opens_at
    assert opens_at is not None
    assert opens_at.isoformat() == "2031-07-01T18:00:00+00:00"


def test_a_gate_is_watched_and_stopped(visit: Visit, world: World, database: Database):
    with database.writing() as session:
        task = request(session, TaskKind.GATE, course_unit_id=world.unit.id, requested_by=world.ines)
        path = f"/courses/dl/nn/tests/gate/{task.public_id}"
    page = visit(world.tara, path)
    expect(page.get_by_role("heading", name="Waits for a worker")).to_be_visible()
    with database.writing() as session:
        found = session.query(Task).one()
        found.state, found.progress = TaskState.RUNNING, {"phase": "Grading", "done": 1, "total": 9}
    expect(page.get_by_role("heading", name="Running")).to_be_visible()
    with database.writing() as session:
        cases = [{"name": "wrong/sgd-sign", "problems": ["not caught"]}]
        session.query(Task).one().progress = {
            "phase": "Grading",
            "done": 5,
            "total": 9,
            "cases": cases,
            "with_problems": cases,
        }
    expect(page.get_by_text("5 of 9 cases, 1 with problems so far")).to_be_visible()
    expect(page.get_by_text("not caught")).to_be_visible()
    page.get_by_role("button", name="Stop it").click()
    expect(page.get_by_role("status")).to_have_text("The gate is stopped.")
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
