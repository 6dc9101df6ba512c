"""A course's settings: its title, its units and their order, and what a new course still lacks."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Course, CourseUnit, Role, Task, TaskKind, TaskState, UnitVersion
from tests.people import World, enrol, make_unit
from tests.web.conftest import ClientOf

SETTINGS = "/courses/dl/settings"
NEW_UNIT = "/courses/dl/settings/units/new"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # no query of these pages depends on it


@pytest.fixture
def ines(client_of: ClientOf, world: World) -> FlaskClient:
    return client_of(world.ines)


def slugs(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(sa.select(CourseUnit.slug).order_by(CourseUnit.position)))


def details(database: Database, action: str) -> dict[str, Any]:
    with database.reading() as session:
        found: dict[str, Any] = session.query(AuditEvent).filter_by(action=action).one().details
        return found


def test_the_course_is_changed_and_that_is_written_down(ines: FlaskClient, database: Database, world: World):
    assert ines.post(SETTINGS, data={"title": "Deeper learning"}).status_code == 303
    with database.reading() as session:
        course = session.get_one(Course, world.course.id)
        assert (course.title, course.supersedes_queued) == ("Deeper learning", False)
    assert details(database, "course.change") == {
        "title": {"before": "Deep learning", "after": "Deeper learning"},
        "supersedes_queued": {"before": True, "after": False},
    }
    assert "Please enter a title" in ines.post(SETTINGS, data={"title": ""}).text


def test_a_unit_is_added_from_the_files_on_disk_and_not_seen_yet(
    ines: FlaskClient, database: Database, client_of: ClientOf, world: World
):
    assert "Module 03" in ines.get(NEW_UNIT).text
    answer = ines.post(NEW_UNIT, data={"tests": "nn", "slug": "nn-again"})
    assert (answer.status_code, answer.location) == (303, "/courses/dl/nn-again/settings")
    assert client_of(world.ada).get("/courses/dl/nn-again/").status_code == 404
    assert details(database, "unit.add")["unit"] == "nn"
    with database.reading() as session:
        unit = session.query(CourseUnit).filter_by(slug="nn-again").one()
        assert (unit.title, unit.position, unit.pinned_version_id) == (world.unit.title, 1, None)


def test_a_unit_is_added_from_a_stored_version(ines: FlaskClient, database: Database):
    with database.writing() as session:
        version = UnitVersion(unit="rnn", digest="sha256:5f0c", facts={"title": "Recurrence"}, content=b"zip")
        session.add(version)
        session.flush()
        key = f"rnn@{version.id}"
    assert ines.post(NEW_UNIT, data={"tests": key}).status_code == 303
    with database.reading() as session:
        unit = session.query(CourseUnit).filter_by(slug="rnn").one()
        assert (unit.title, unit.pinned_version_id) == ("Recurrence", version.id)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"tests": "nothing", "slug": "x", "title": "<T>"}, "Please choose the tests"),
        ({"tests": "nn", "slug": "gradebook", "title": "<T>"}, "is the address of another page"),
        ({"tests": "nn", "slug": "nn", "title": "<T>"}, "has a unit “nn” already"),
    ],
)
def test_a_unit_that_can_t_be_added(ines: FlaskClient, database: Database, form: dict[str, str], said: str):
    answer = ines.post(NEW_UNIT, data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert "&lt;T&gt;" in answer.text
    assert slugs(database) == ["nn"]


def test_units_are_put_in_order(ines: FlaskClient, database: Database, world: World):
    with database.writing() as session:
        for slug in ("b", "c"):
            make_unit(session, world.course, slug=slug)
    for unit, to in (("c", "up"), ("c", "up"), ("c", "up"), ("nn", "down")):
        assert ines.post(f"{SETTINGS}/order", data={"unit": unit, "to": to}).status_code == 303
    assert slugs(database) == ["c", "b", "nn"]
    assert ines.post(f"{SETTINGS}/order", data={"unit": "none", "to": "up"}).status_code == 404
    assert ines.post(f"{SETTINGS}/order", data={"unit": "b", "to": "away"}).status_code == 400


def test_first_steps_lead_on_until_all_are_taken(client_of: ClientOf, database: Database, world: World):
    abe = client_of(world.abe)
    page = abe.get("/courses/stats/settings").text
    assert "1 of 6 done" in page  # Cora is its student
    assert NEW_UNIT.replace("/dl/", "/stats/") in page
    with database.writing() as session:
        for person, role in ((world.ines, Role.INSTRUCTOR), (world.tara, Role.TA)):
            enrol(session, world.other_course, person, role)
        unit = make_unit(session, world.other_course, deadline_at=now(), is_published=True)
        session.add(
            Task(
                kind=TaskKind.GATE,
                course_unit_id=unit.id,
                state=TaskState.DONE,
                arguments={},
                progress={},
                result={"admitted": False},
            )
        )
    assert "5 of 6 done" in abe.get("/courses/stats/settings").text
    with database.writing() as session:
        session.query(Task).one().result = {"admitted": True}
    assert "First steps" not in abe.get("/courses/stats/settings").text


def test_an_empty_course_tells_its_instructor_where_to_begin(
    client_of: ClientOf, database: Database, world: World
):
    with database.writing() as session:
        enrol(session, world.other_course, world.ines, Role.INSTRUCTOR)
    assert "/courses/stats/settings" in client_of(world.ines).get("/courses/stats/").text
    assert "/courses/stats/settings" not in client_of(world.cora).get("/courses/stats/").text
