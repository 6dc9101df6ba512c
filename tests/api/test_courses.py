"""GET /courses and /courses/COURSE/units."""

from datetime import timedelta

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import CourseUnit, Scope
from tests.api.client import ApiClient, code_of
from tests.api.conftest import ClientOf
from tests.people import World, make_submission, make_unit


def test_one_s_courses_with_the_role(ada: ApiClient, client_of: ClientOf, world: World):
    assert ada.get("/courses").get_json()["items"] == [
        {
            "slug": "dl",
            "title": "Deep learning",
            "role": "student",
            "url": "https://grader.example.org/courses/dl/",
        }
    ]
    (course,) = client_of(world.ines).get("/courses").get_json()["items"]
    assert course["role"] == "instructor"
    assert client_of(world.olaf).get("/courses").get_json()["items"] == []


def test_an_admin_lists_all_courses_with_the_scope_only(client_of: ClientOf, world: World):
    courses = client_of(world.abe, Scope.STAFF).get("/courses").get_json()["items"]
    assert [(course["slug"], course["role"]) for course in courses] == [("stats", None), ("dl", None)]
    assert client_of(world.abe).get("/courses").get_json()["items"] == []


def test_units_with_deadline_and_attempts_left(ada: ApiClient, world: World, database: Database):
    deadline = now() + timedelta(days=2)
    with database.writing() as session:
        unit = session.get_one(CourseUnit, world.unit.id)
        unit.deadline_at, unit.max_attempts = deadline, 5
        make_submission(session, unit, world.ada)
        make_submission(session, unit, world.ben)
    (said,) = ada.get("/courses/dl/units").get_json()["items"]
    assert (said["slug"], said["is_open"], said["counts"]) == ("nn", True, "best")
    assert (said["max_attempts"], said["attempts_used"], said["attempts_left"]) == (5, 1, 4)
    assert said["deadline_at"] == deadline.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert said["url"] == "https://grader.example.org/courses/dl/nn/"


def test_a_unit_is_closed_when_its_time_or_the_attempts_are_over(
    ada: ApiClient, world: World, database: Database
):
    with database.writing() as session:
        session.get_one(CourseUnit, world.unit.id).deadline_at = now() - timedelta(days=2)
        make_unit(session, world.course, slug="soon", opens_at=now() + timedelta(days=1))
        used_up = make_unit(session, world.course, slug="used", max_attempts=1)
        make_submission(session, used_up, world.ada)
    units = ada.get("/courses/dl/units").get_json()["items"]
    assert [unit["is_open"] for unit in units] == [False, False, False]


def test_units_that_are_not_published_are_for_staff(
    ada: ApiClient, tara: ApiClient, client_of: ClientOf, world: World, database: Database
):
    with database.writing() as session:
        make_unit(session, world.course, slug="draft", is_published=False)

    def slugs(client: ApiClient) -> list[str]:
        return [unit["slug"] for unit in client.get("/courses/dl/units").get_json()["items"]]

    assert slugs(ada) == ["nn"]
    assert slugs(tara) == ["nn", "draft"]
    assert slugs(client_of(world.tara)) == ["nn"]
    assert ada.hand_in(unit="draft").status_code == 404


def test_a_course_of_others_does_not_exist(ada: ApiClient, client_of: ClientOf, world: World):
    for client, slug in ((ada, "stats"), (client_of(world.olaf), "dl"), (ada, "none"), (ada, "%00")):
        answer = client.get(f"/courses/{slug}/units")
        assert (answer.status_code, code_of(answer)) == (404, "not-found")
