"""A NUL or a number beyond any row is told plainly, wherever it comes: on SQLite and on PostgreSQL."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from grader.accounts.tokens import create_token
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import Scope, Submission
from tests.people import World, make_run, make_submission
from tests.submissions.archives.packing import as_zip, honest_tree
from tests.web.conftest import ClientOf
from tests.web.routes import TABLE

HUGE = (2**31, 2**63, 10**30)


@pytest.mark.parametrize(
    "path",
    [
        "/courses/d%00l/",
        "/courses/d%00l/people",
        "/courses/dl/n%00n/",
        "/submissions/%00",
        "/submissions/%00/progress",
        "/invitation/%00",
        "/password/%00",
        "/assets/%00",
        "/api/v1/courses/%00/units",
        "/api/v1/submissions/%00",
        "/api/v1/submissions/%00/report",
        "/nowhere/%00",
    ],
)
def test_no_address_holds_a_nul(client_of: ClientOf, bearer: dict[str, str], world: World, path: str):
    assert client_of(world.abe).get(path, headers=bearer).status_code == 404


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize("route", [route for route in TABLE if "<int:" in route])
def test_no_row_has_such_a_number(
    client_of: ClientOf, database: Database, world: World, route: str, number: int
):
    method, rule = route.split(" ", 1)
    path = rule.replace("<course>", "dl").replace("<unit>", "nn")
    path = re.sub(r"<int:\w+>", str(number), path)
    path = re.sub(r"<any\((\w+).*?\):\w+>", r"\1", path)
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission)
    path = path.replace("<public_id>", submission.public_id)
    # Where two routes share an address, Werkzeug answers 405 to a number that neither takes.
    assert client_of(world.abe).open(path, method=method).status_code in (404, 405)


@pytest.mark.parametrize(
    "path",
    [
        "/courses/dl/people?q=a%00",
        "/courses/dl/nn/submissions?q=a%00",
        "/courses/dl/nn/compare?from=%00",
        "/sign-in?next=%00",
        "/account?%00=x",
    ],
)
def test_no_question_holds_a_nul(client_of: ClientOf, world: World, path: str):
    assert client_of(world.abe).get(path).status_code == 400


@pytest.mark.parametrize(
    "route",
    [
        route
        for route in TABLE
        if route.startswith("POST") and not any(part in route for part in ("/api/", "/git/", "/hooks/"))
    ],
)
def test_no_form_holds_a_nul(client_of: ClientOf, world: World, route: str):
    """Whatever the form is for: it is refused before anyone looks what it says."""
    path = route.split(" ")[1].replace("<course>", "dl").replace("<unit>", "nn")
    for placeholder in ("<int:enrolment_id>", "<int:invitation_id>", "<int:token_id>"):
        path = path.replace(placeholder, "1")
    path = path.replace("<token>", "x").replace("<public_id>", "x")
    for field in ("email", "name", "password", "q", "\0"):
        assert client_of(world.abe).post(path, data={field: "a\0b"}).status_code == 400


def test_no_file_is_called_so(client_of: ClientOf, database: Database, world: World):
    form = {"archive": (io.BytesIO(as_zip(honest_tree())), "nn\0.zip")}
    answer = client_of(world.ada).post("/courses/dl/nn/submissions", data=form)
    assert answer.status_code in (303, 400)  # some readers of forms end the name at the NUL
    with database.reading() as session:
        assert "\0" not in "".join(session.scalars(sa.select(Submission.filename)))


@pytest.fixture
def bearer(database: Database, world: World) -> dict[str, str]:
    with database.writing() as session:
        make_run(session, make_submission(session, world.unit, world.ada))
        _, text = create_token(session, world.abe.id, "test", list(Scope), timedelta(days=1), now())
    return {"Authorization": f"Bearer {text}"}


@pytest.mark.parametrize(
    "query",
    ["course=%00", "unit=%00", "user=a%00", "state=%00", "after=%00", "limit=%00", "limit=1" + "0" * 30],
)
def test_the_api_names_the_parameter(app: Flask, bearer: dict[str, str], query: str):
    answer = app.test_client().get(f"/api/v1/submissions?{query}", headers=bearer)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert [error["name"] for error in answer.get_json()["errors"]] == [query.partition("=")[0]]


@pytest.mark.parametrize("field", ["course", "unit"])
def test_the_api_names_the_field(app: Flask, bearer: dict[str, str], field: str):
    form = {"course": "dl", "unit": "nn", "archive": (io.BytesIO(b"PK"), "nn.zip"), field: "a\0"}
    answer = app.test_client().post("/api/v1/submissions", data=form, headers=bearer)
    assert answer.status_code == 422
    assert [error["name"] for error in answer.get_json()["errors"]] == [field]


@pytest.mark.parametrize("seen", ["1" + "0" * 30 + ".1.1", "1.1.\x01"])
def test_the_api_takes_no_such_event_number(
    app: Flask, database: Database, bearer: dict[str, str], seen: str
):
    with database.reading() as session:
        public_id = session.scalars(sa.select(Submission.public_id)).one()
    headers = {**bearer, "Last-Event-ID": seen}
    answer = app.test_client().get(f"/api/v1/submissions/{public_id}/events", headers=headers)
    assert answer.status_code == 422


def test_numbers_in_questions_are_no_rows(client_of: ClientOf, database: Database, world: World):
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission)
    browser = client_of(world.abe)
    for number in HUGE:
        assert browser.get(f"/courses/dl/nn/submissions?page={number}").status_code == 200
        assert browser.get(f"/submissions/{submission.public_id}/progress?after={number}").status_code == 200
        form = {"name": "x", "scope": "submit", "days": str(number)}
        assert browser.post("/account/tokens", data=form).status_code == 422
