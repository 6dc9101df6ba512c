"""Admins make courses; each begins with an instructor."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from grader.db.database import Database
from grader.db.models import AuditEvent, Course, Enrolment, Role, User
from tests.people import World, password_hash
from tests.web.conftest import ClientOf

FORM = {"title": "Deep learning, autumn 2027", "slug": "dl-2027", "email": "Ines@example.org", "name": ""}


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # no query of these pages depends on it


@pytest.fixture
def abe(client_of: ClientOf, world: World) -> FlaskClient:
    return client_of(world.abe)


def instructors(database: Database, slug: str) -> list[str]:
    with database.reading() as session:
        return list(
            session.scalars(
                sa.select(User.email)
                .join(Enrolment, Enrolment.user_id == User.id)
                .join(Course, Enrolment.course_id == Course.id)
                .where(Course.slug == slug, Enrolment.role == Role.INSTRUCTOR)
            )
        )


def test_the_front_page_leads_admins_there(client_of: ClientOf, world: World):
    assert "Create a course" in client_of(world.abe).get("/").text
    assert "Create a course" not in client_of(world.ines).get("/").text


def test_who_has_an_account_teaches_it_at_once(abe: FlaskClient, database: Database, world: World):
    with database.writing() as session:
        session.get_one(User, world.ines.id).password_hash = password_hash()
    answer = abe.post("/courses/new", data=FORM)
    assert (answer.status_code, answer.location) == (303, "/courses/dl-2027/settings")
    assert instructors(database, "dl-2027") == ["ines@example.org"]
    with database.reading() as session:
        assert session.query(AuditEvent).filter_by(action="course.create", actor_id=world.abe.id).one()
    assert "First steps" in abe.get(answer.location).text


def test_others_get_a_link(abe: FlaskClient, database: Database, client_of: ClientOf):
    answer = abe.post("/courses/new", data={**FORM, "slug": "", "email": "nora@example.org"})
    assert answer.status_code == 201
    slug = "deep-learning-autumn-2027"
    assert instructors(database, slug) == []
    link = re.search(r'value="http[^"]*(/invitation/[^"]+)"', answer.text)
    assert link is not None
    password = {"name": "Nora New", "password": "seven grey geese", "again": "seven grey geese"}
    client_of(None).post(link[1], data=password)
    assert instructors(database, slug) == ["nora@example.org"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "Please enter a title"),
        ({"slug": "dl"}, "There is a course at /courses/dl/ already"),
        ({"slug": "new"}, "is the address of another page"),
        ({"slug": "Deep Learning"}, "lower-case letters"),
        ({"email": "ines"}, "one e-mail address"),
    ],
)
def test_a_mistake_is_told_and_what_was_typed_is_kept(
    abe: FlaskClient, database: Database, changes: dict[str, str], said: str
):
    answer = abe.post("/courses/new", data={**FORM, "name": "Ines <Sol>", **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Ines &lt;Sol&gt;" in answer.text
    with database.reading() as session:
        assert session.query(Course).count() == 2
