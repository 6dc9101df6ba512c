"""Every route against every kind of person: nobody gets at what is not theirs, nobody learns that it exists.

The table of what is expected is in tests/web/routes.py; a route without a row there fails.
"""

from __future__ import annotations

import base64
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from grader.accounts.invitations import invite
from grader.accounts.tokens import create_token
from grader.db.base import now
from grader.db.database import Database
from grader.db.models import (
    Allowance,
    ApiToken,
    Enrolment,
    Invitation,
    Regrade,
    RegradedSubmission,
    RegradeMethod,
    RegradeScope,
    Role,
    RubricItem,
    Scope,
    SimilarPair,
    Submission,
    Task,
    TaskKind,
    TaskState,
    UnitVersion,
    User,
)
from grader.reading import comments
from grader.settings import Settings
from grader.tasks import request
from tests.integrations import KEY, make_delivery, make_link, make_webhook
from tests.people import World, enrol, make_person, make_run, make_submission, password_hash
from tests.submissions.archives.packing import as_zip, honest_tree
from tests.web.conftest import ClientOf
from tests.web.routes import PEOPLE, TABLE, Expected, expectations

FORBIDDEN = {"401": 401, "403": 403, "404": 404}


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # rights do not depend on it


class Scene:
    """The world with everything in it that paths name, and each person's way to ask."""

    def __init__(self, session: Session, world: World):
        self.people: dict[str, User | None] = {name: getattr(world, name, None) for name in PEOPLE}
        former = make_person(session, "Frida Ott")
        enrol(session, world.course, former, ended_at=now())
        self.people["former"] = former
        session.get_one(User, world.ben.id).password_hash = password_hash()
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission)
        member = session.query(Enrolment).filter_by(user_id=world.ben.id).one()
        ada_token, _ = create_token(session, world.ada.id, "laptop", [Scope.SUBMIT], timedelta(days=1), now())
        self.values: dict[str, Any] = {
            "course": world.course.slug,
            "unit": world.unit.slug,
            "public_id": submission.public_id,
            "enrolment_id": member.id,
            "user_id": world.ben.id,
            "allowance_id": _stored_allowance(session, world),
            "pair": _stored_pair(session, world, submission),
            "token_id": ada_token.id,
            "kind": "json",
            "form": "csv",
            "name": "site.css",
            **self._integrations(session, world),
            **self._rubric(session, world),
            **self._regrade(session, world, submission.id),
            **{"decision": "promote", "which": "before", "control": "pause"},
            "gate": request(session, TaskKind.GATE, course_unit_id=world.unit.id).public_id,
            "owner": world.ada.email,
            "anything": "dl/nn/ada@example.org.git/HEAD",
            "cell": 0,
            "output": 0,
            "comment": self._comment(session, world, submission),
        }
        self.links = {name: self._invite(session, world, f"{name}s.guest@example.org") for name in PEOPLE}
        self.bearers = {
            name: create_token(session, user.id, "test", list(Scope), timedelta(days=1), now())[1]
            for name, user in self.people.items()
            if user is not None
        }

    def _comment(self, session: Session, world: World, submission: Submission) -> str:
        """Store a comment by Tara."""
        author = session.get_one(User, world.tara.id)
        return comments.add(session, submission, "", 0, "Well done.", author=author, address=None).public_id

    def _integrations(self, session: Session, world: World) -> dict[str, Any]:
        """Store a webhook with a delivery, and Ada's repository."""
        webhook = make_webhook(session, world.course)
        link = make_link(session, world.unit, world.ada)
        delivery = make_delivery(session, webhook)
        return {"webhook": webhook.public_id, "delivery": delivery.public_id, "hook": link.public_id}

    def _rubric(self, session: Session, world: World) -> dict[str, Any]:
        """Store an item to mark Ben by."""
        item = RubricItem(course_unit_id=world.unit.id, title="Plots", max_points=4)
        session.add(item)
        session.flush()
        return {"user_id": world.ben.id, "item_id": item.id, "act": "up"}

    def _regrade(self, session: Session, world: World, submission_id: int) -> dict[str, Any]:
        """Store a regrade of the submission, and the version of the tests that it grades by."""
        version = UnitVersion(unit="nn", digest="sha256:1", facts={}, content=b"PK")
        session.add(version)
        session.flush()
        regrade = Regrade(
            course_unit_id=world.unit.id,
            unit_version_id=version.id,
            method=RegradeMethod.RUN,
            scope=RegradeScope.ALL,
            requested_by_id=world.tara.id,
        )
        session.add(regrade)
        session.flush()
        session.add(RegradedSubmission(regrade_id=regrade.id, submission_id=submission_id))
        return {"regrade": regrade.public_id, "version_id": version.id}

    def _invite(self, session: Session, world: World, email: str) -> dict[str, Any]:
        """Make an invitation, for one person of the cast to use up."""
        token = invite(session, world.course.id, email, "", Role.STUDENT, world.ines.id, now())
        return {"token": token, "invitation_id": session.query(Invitation.id).filter_by(email=email).scalar()}

    def path(self, rule: str, person: str) -> str:
        """Return the rule's path, with everything that it names there."""
        values = {**self.values, **self.links[person]}
        return re.sub(r"<(?:[^:>]*:)?(\w+)>", lambda match: str(values[match[1]]), rule)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, secret_key=KEY)


@pytest.fixture
def scene(database: Database, world: World) -> Scene:
    with database.writing() as session:
        return Scene(session, world)


def _stored_allowance(session: Session, world: World) -> int:
    """Store an attempt more for Ben; return its id."""
    granted = Allowance(
        course_unit_id=world.unit.id,
        user_id=world.ben.id,
        extra_attempts=1,
        reason="was ill",
        granted_by_id=world.tara.id,
    )
    session.add(granted)
    session.flush()
    return granted.id


def _stored_pair(session: Session, world: World, submission: Submission) -> str:
    """Store a finished check that found this submission and one of Ben's; return the pair's public id."""
    check = Task(
        kind=TaskKind.SIMILARITY,
        course_unit_id=world.unit.id,
        arguments={"which": "latest", "earlier": []},
        state=TaskState.DONE,
        progress={},
        finished_at=now(),
        result={
            **{"compared": 2, "earlier": 0, "uncompared": [], "pairs": 1},
            **{"histogram": [0] * 19 + [1], "stands_out": 0.8},
        },
    )
    session.add(check)
    session.flush()
    pair = SimilarPair(
        task_id=check.id,
        first_id=submission.id,
        second_id=make_submission(session, world.unit, world.ben).id,
        similarity=0.97,
        evidence={"of_first": 1.0, "of_second": 0.9, "files": {"first": {}, "second": {}}, "blocks": []},
    )
    session.add(pair)
    session.flush()
    return pair.public_id


def ask(app: Flask, client_of: ClientOf, scene: Scene, expected: Expected) -> TestResponse:
    """Make the person's request: with a session on pages, with a token under /api and /git."""
    path = scene.path(expected.rule, expected.person)
    is_api, is_git = path.startswith("/api/"), path.startswith("/git/")
    browser = client_of(None if is_api or is_git else scene.people[expected.person])
    headers: dict[str, str] = {}
    if is_api and expected.person in scene.bearers:
        headers["Authorization"] = f"Bearer {scene.bearers[expected.person]}"
    person = scene.people[expected.person]
    if is_git and person is not None:
        pair = f"{person.email}:{scene.bearers[expected.person]}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    form: dict[str, Any] | None = None
    if expected.method == "POST" and path.endswith("/submissions"):
        archive = (io.BytesIO(as_zip(honest_tree())), "nn.zip")
        form = {"archive": archive, **({"course": "dl", "unit": "nn"} if is_api else {})}
    return browser.open(path, method=expected.method, headers=headers, data=form)


def seen(answer: TestResponse) -> str:
    """Name the answer as the table does."""
    asks_to_sign_in = (answer.location or "").startswith("/sign-in") and answer.request.path != "/sign-out"
    if answer.status_code == 303 and asks_to_sign_in:
        return "in"
    if answer.status_code in FORBIDDEN.values():
        return str(answer.status_code)
    if answer.request.path == "/readyz":
        return "ok"  # 503 where no worker runs, to everyone
    return "ok" if answer.status_code < 500 and answer.status_code != 405 else str(answer.status_code)


def test_every_route_has_its_row(app: Flask):
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes - TABLE.keys() == set(), "say in tests/web/routes.py who may do this"
    assert TABLE.keys() - routes == set(), "these routes are gone"


@pytest.mark.parametrize("route", TABLE)
def test_a_route_answers_each_person_as_expected(app: Flask, client_of: ClientOf, scene: Scene, route: str):
    rows = [row for row in expectations() if f"{row.method} {row.rule}" == route]
    answers = {}
    for row in rows:
        with ask(app, client_of, scene, row) as answer:
            answers[row.person] = seen(answer)
    assert answers == {row.person: row.answer for row in rows}


API_ROUTES = [route for route in TABLE if "/api/" in route and "<" in route]


@pytest.mark.parametrize("route", API_ROUTES)
def test_a_token_without_the_scope_of_staff_is_no_staff(
    app: Flask, client_of: ClientOf, database: Database, scene: Scene, route: str
):
    """With it, even an admin sees no more than a student would."""
    with database.writing() as session:
        for token in session.query(ApiToken):
            token.scopes = Scope.SUBMIT.value
    for row in expectations():
        if f"{row.method} {row.rule}" == route and row.person in ("tara", "ines", "abe"):
            with ask(app, client_of, scene, row) as answer:
                if "<public_id>" in route or row.person == "abe":
                    assert seen(answer) in ("403", "404")


@pytest.mark.parametrize("route", [route for route in TABLE if "/api/" in route or ".git/" in route])
def test_the_api_does_not_count_a_session(app: Flask, client_of: ClientOf, scene: Scene, route: str):
    """So that no other site can use it through someone's browser."""
    method, rule = route.split(" ", 1)
    if TABLE[route].startswith("ok"):
        return
    answer = client_of(scene.people["abe"]).open(scene.path(rule, "abe"), method=method)
    assert answer.status_code == 401
