"""A pinned unit whose files are gone from disk: its pages, and hand-ins, go on by the version."""

import shutil
from dataclasses import replace

import pytest
from flask import Flask

from grader.db.database import Database
from grader.db.models import CourseUnit
from grader.settings import Settings
from grader.versions.storing import pin, store_version
from tests.people import World
from tests.regrades.acted import copy_unit
from tests.web.conftest import ClientOf
from tests.web.routes import TABLE, Expected
from tests.web.test_routes import Scene, ask, scene

__all__ = ["scene"]


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def settings(tmp_path) -> Settings:
    return replace(Settings(), data_dir=tmp_path / "data", units_root=copy_unit(tmp_path / "on_disk"))


@pytest.mark.parametrize("name", ["ada", "ines"])
def test_all_goes_on(
    app: Flask, client_of: ClientOf, database: Database, world: World, scene: Scene, settings: Settings, name
):
    with database.writing() as session:
        version = store_version(session, settings.units_root, "nn")
        pin(session, session.get_one(CourseUnit, world.unit.id), version, world.ines)
    shutil.rmtree(settings.units_root)
    failed = {}
    for route in TABLE:
        method, rule = route.split(" ", 1)
        if (method == "GET" and "<unit>" in rule) or rule.endswith("/submissions"):
            with ask(app, client_of, scene, Expected(method, rule, name, "ok")) as answer:
                if answer.status_code >= 500:
                    failed[route] = answer.text[:500]
    assert failed == {}
