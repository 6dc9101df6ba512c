"""Every answer of every route carries the policy that keeps scripts out, and is kept by nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from grader.db.database import Database
from grader.settings import Settings
from grader.web.security import CONTENT_SECURITY_POLICY
from tests.integrations import KEY
from tests.people import World
from tests.web.conftest import ClientOf
from tests.web.routes import TABLE, Expected
from tests.web.test_routes import Scene, ask

PICTURES_OF_STUDENTS = "default-src 'none'; sandbox"
PEOPLE = ("nobody", "ada", "ines")


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # headers do not depend on it


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, secret_key=KEY)


@pytest.fixture
def scene(database: Database, world: World) -> Scene:
    with database.writing() as session:
        return Scene(session, world)


@pytest.mark.parametrize("person", PEOPLE)
def test_no_route_leaves_a_header_out(app: Flask, client_of: ClientOf, scene: Scene, person: str):
    wrong = {}
    for route in TABLE:
        method, rule = route.split(" ", 1)
        if rule == "/submissions/<public_id>/cancel" or "promote" in rule:
            continue  # what comes later in the table would not be there any more
        with ask(app, client_of, scene, Expected(method, rule, person, "ok")) as answer:
            found = answer.headers
            caching = found.get("Cache-Control", "")
            is_public = rule.startswith("/assets/") and answer.status_code == 200
            problems = [
                found.get("Content-Security-Policy") not in (CONTENT_SECURITY_POLICY, PICTURES_OF_STUDENTS),
                found.get("X-Content-Type-Options") != "nosniff",
                found.get("Cross-Origin-Resource-Policy") != "same-origin",
                not is_public and not any(word in caching for word in ("no-store", "no-cache", "private")),
                "Access-Control-Allow-Origin" in found,
            ]
            if any(problems):
                wrong[route] = (problems, dict(found))
    assert wrong == {}
