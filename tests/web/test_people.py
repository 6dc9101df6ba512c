"""Who is in a course, and what its instructors change about that."""

import csv
import io
import re

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import Enrolment, Role, User
from tests.people import World, enrol, make_person, password_hash
from tests.web.conftest import ClientOf
from tests.web.forms import submit

PEOPLE = "/courses/dl/people"


def enrolment_of(database: Database, world: World, user: User) -> Enrolment:
    with database.reading() as session:
        return session.scalars(
            sa.select(Enrolment).where(Enrolment.user_id == user.id, Enrolment.course_id == world.course.id)
        ).one()


def member_page(database: Database, world: World, user: User) -> str:
    return f"{PEOPLE}/{enrolment_of(database, world, user).id}"


def test_staff_see_everyone_of_the_course_only(client_of: ClientOf, world: World):
    page = client_of(world.tara).get(PEOPLE).text
    assert all(name in page for name in ("Ada Byron", "Ben Okri", "Tara Rao", "Ines Sol"))
    assert "Cora Lind" not in page
    assert "2 students, 1 TA, 1 instructor" in page


def test_a_ta_sees_no_way_to_change_anything(client_of: ClientOf, database: Database, world: World):
    for path in (PEOPLE, member_page(database, world, world.ada)):
        assert f'action="{PEOPLE}' not in client_of(world.tara).get(path).text


@pytest.mark.parametrize(
    ("wanted", "found"), [("byron", 1), ("BEN@", 1), ("1815", 1), ("student", 2), ("zz", 0)]
)
def test_finding_people(client_of: ClientOf, database: Database, world: World, wanted: str, found: int):
    with database.writing() as session:
        session.get_one(Enrolment, enrolment_of(database, world, world.ada).id).student_number = "1815"
    page = client_of(world.ines).get(PEOPLE, query_string={"q": wanted}).text
    assert len(re.findall(r'<th scope="row">', page)) == found


def test_inviting_one_person_shows_a_link_once_that_works(client_of: ClientOf, world: World):
    browser = client_of(world.ines)
    answer = submit(
        browser, PEOPLE, f"{PEOPLE}/invitations", email="Nora@Example.org", name="Nora", role="ta"
    )
    assert answer.status_code == 201
    (link,) = re.findall(r'value="http://127.0.0.1:8000(/invitation/[^"]+)"', answer.text)
    assert "Join Deep learning" in client_of(None).get(link).text
    later = browser.get(PEOPLE).text
    assert "nora@example.org" in later
    assert link not in later


@pytest.mark.parametrize("email", ["", "nora", "a@example.org, b@example.org", "<x>@example.org"])
def test_an_address_that_is_none_is_told(client_of: ClientOf, world: World, email: str):
    answer = submit(client_of(world.ines), PEOPLE, f"{PEOPLE}/invitations", email=email)
    assert answer.status_code == 422
    assert "one e-mail address" in answer.text


def test_a_link_can_be_withdrawn(client_of: ClientOf, world: World):
    browser = client_of(world.ines)
    answer = submit(browser, PEOPLE, f"{PEOPLE}/invitations", email="nora@example.org")
    (link,) = re.findall(r"8000(/invitation/[^\"]+)", answer.text)
    (withdraw,) = re.findall(rf"{PEOPLE}/invitations/\d+/withdraw", browser.get(PEOPLE).text)
    assert submit(browser, PEOPLE, withdraw).status_code == 303
    assert client_of(None).get(link).status_code == 404


def test_links_for_all_who_never_signed_in(client_of: ClientOf, database: Database, world: World):
    with database.writing() as session:
        for person in (world.ines, world.ada):
            session.get_one(User, person.id).password_hash = password_hash()
        enrol(session, world.course, make_person(session, "=HYPERLINK(1)", email="evil@example.org"))
    answer = submit(client_of(world.ines), PEOPLE, f"{PEOPLE}/links", **{"as": "csv"})
    assert answer.mimetype == "text/csv"
    assert "links-dl.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["email"], row["name"], row["role"]) for row in rows] == [
        ("tara@example.org", "Tara Rao", "ta"),
        ("evil@example.org", "'=HYPERLINK(1)", "student"),
        ("ben@example.org", "Ben Okri", "student"),
    ]
    for row in rows:
        path = row["link"].removeprefix("http://127.0.0.1:8000")
        assert row["email"] in client_of(None).get(path).text


def test_the_links_can_be_shown_instead(client_of: ClientOf, world: World):
    answer = submit(client_of(world.ines), PEOPLE, f"{PEOPLE}/links", **{"as": "page"})
    assert answer.text.count("/invitation/") == 4


def test_changing_a_role(client_of: ClientOf, database: Database, world: World):
    page = member_page(database, world, world.ben)
    assert submit(client_of(world.ines), page, f"{page}/role", role="ta").location == page
    assert enrolment_of(database, world, world.ben).role is Role.TA


def test_a_role_that_does_not_exist_is_refused(client_of: ClientOf, database: Database, world: World):
    page = member_page(database, world, world.ben)
    assert submit(client_of(world.ines), page, f"{page}/role", role="admin").status_code == 400


def test_ending_and_restoring_a_membership(client_of: ClientOf, database: Database, world: World):
    page, browser = member_page(database, world, world.ben), client_of(world.ines)
    submit(browser, page, f"{page}/end")
    assert client_of(world.ben).get("/").text.count("Deep learning") == 0
    assert "left" in browser.get(PEOPLE).text
    submit(browser, page, f"{page}/restore")
    assert "Deep learning" in client_of(world.ben).get("/").text


def test_the_last_instructor_stays(client_of: ClientOf, database: Database, world: World):
    page, browser = member_page(database, world, world.ines), client_of(world.abe)
    submit(browser, page, f"{page}/end")
    assert "last instructor" in browser.get(page).text
    assert enrolment_of(database, world, world.ines).ended_at is None


def test_members_of_other_courses_are_not_reached_through_this_one(
    client_of: ClientOf, database: Database, world: World
):
    with database.reading() as session:
        cora = session.scalars(sa.select(Enrolment).where(Enrolment.user_id == world.cora.id)).one()
    browser = client_of(world.ines)
    assert browser.get(f"{PEOPLE}/{cora.id}").status_code == 404
    for act in ("role", "end", "restore"):
        assert browser.post(f"{PEOPLE}/{cora.id}/{act}").status_code == 404


def test_the_end_of_a_membership_ends_links_to_come_back(
    client_of: ClientOf, database: Database, world: World
):
    browser = client_of(world.ines)
    answer = submit(browser, PEOPLE, f"{PEOPLE}/invitations", email="ben@example.org", role="ta")
    (link,) = re.findall(r"8000(/invitation/[^\"]+)", answer.text)
    page = member_page(database, world, world.ben)
    submit(browser, page, f"{page}/end")
    assert client_of(world.ben).get(link).status_code == 404


def test_a_name_that_is_not_what_it_looks_like_is_told(client_of: ClientOf, world: World):
    form = {"email": "nora@example.org", "name": "Nora \u202eweN"}
    answer = submit(client_of(world.ines), PEOPLE, f"{PEOPLE}/invitations", **form)
    assert answer.status_code == 422
    assert 'id="name-problem"' in answer.text


def test_who_is_on_two_lists_gets_the_first_link_from_an_admin(
    client_of: ClientOf, database: Database, world: World
):
    with database.writing() as session:
        enrol(session, world.other_course, world.ben)
    page = member_page(database, world, world.ben)
    assert "Only an admin can make the first link" in client_of(world.ines).get(page).text
    links = submit(client_of(world.ines), PEOPLE, f"{PEOPLE}/links", **{"as": "page"})
    assert links.text.count("/invitation/") == 3
    links = submit(client_of(world.abe), PEOPLE, f"{PEOPLE}/links", **{"as": "page"})
    assert links.text.count("/invitation/") == 4
