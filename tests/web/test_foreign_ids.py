"""Whoever runs one course gets at nothing of another by its ids in the addresses of their own.

Cora teaches another course with the same unit, and the ids are those of `dl`; Ines tries those of one unit of
hers in the addresses of another.
"""

from __future__ import annotations

import pytest
from flask import Flask

from grader.db.database import Database
from grader.db.models import Allowance, Course, Enrolment, Role
from tests.people import World, make_unit
from tests.web.conftest import ClientOf
from tests.web.routes import TABLE, Expected
from tests.web.test_routes import Scene, ask

OF_A_UNIT = ("/terms/allowances/<int:allowance_id>", "<pair>", "<int:item_id>", "<regrade>", "<gate>")
OF_A_COURSE = (
    *OF_A_UNIT,
    "<int:user_id>",
    "<int:enrolment_id>",
    "<int:invitation_id>",
    "<webhook>",
    "/review/<public_id>",
)


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # rights do not depend on it


@pytest.fixture
def scene(database: Database, world: World) -> Scene:
    with database.writing() as session:
        make_unit(session, session.get_one(Course, world.other_course.id))
        make_unit(session, session.get_one(Course, world.course.id), slug="two")
        session.query(Enrolment).filter_by(user_id=world.cora.id).update({"role": Role.INSTRUCTOR})
        return Scene(session, world)


def routes_with(ids: tuple[str, ...], *, of_units: bool = False) -> list[str]:
    return [
        route
        for route in TABLE
        if "/courses/<course>" in route
        and any(each in route for each in ids)
        and ("<unit>" in route or not of_units)
    ]


@pytest.mark.parametrize("route", routes_with(OF_A_COURSE))
def test_ids_of_another_course_lead_nowhere(app: Flask, client_of: ClientOf, scene: Scene, route: str):
    scene.values["course"] = "stats"
    method, rule = route.split(" ", 1)
    with ask(app, client_of, scene, Expected(method, rule, "cora", "404")) as answer:
        assert answer.status_code == 404


@pytest.mark.parametrize("route", routes_with(OF_A_UNIT, of_units=True))
def test_ids_of_another_unit_lead_nowhere(app: Flask, client_of: ClientOf, scene: Scene, route: str):
    scene.values["unit"] = "two"
    method, rule = route.split(" ", 1)
    with ask(app, client_of, scene, Expected(method, rule, "ines", "404")) as answer:
        assert answer.status_code == 404


def test_what_was_granted_in_another_unit_is_not_taken_back_from_its_student(
    client_of: ClientOf, database: Database, world: World, scene: Scene
):
    granted = scene.values["allowance_id"]
    path = f"/courses/dl/two/students/{world.ben.id}/allowances/{granted}/withdraw"
    assert client_of(world.tara).post(path).status_code == 303  # to the page, which shows that there is none
    with database.reading() as session:
        assert session.get_one(Allowance, granted).withdrawn_at is None
