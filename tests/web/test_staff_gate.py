"""The admission gate's pages: asked for, watched, stopped, read."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import AuditEvent, Task, TaskKind, TaskState, UnitVersion
from tests.people import World
from tests.web.conftest import ClientOf

ROOT = "/courses/dl/nn/tests/gate"


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # no query of these pages depends on it


@pytest.fixture
def tara(client_of: ClientOf, world: World) -> FlaskClient:
    return client_of(world.tara)


def make_case(name: str, *problems: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "kind": name.partition("/")[0],
        "with_mnist": False,
        "status": "graded",
        "score": 85.0,
        "full_marks": 85.0,
        "hints": [],
        "problems": list(problems),
        "duration_s": 8.4,
        **changes,
    }


def make_gate(database: Database, world: World, state: TaskState, **fields: Any) -> str:
    usual: dict[str, Any] = {
        "course_unit_id": world.unit.id,
        "arguments": {"with_mnist": False, "is_quick": True},
        "progress": {},
    }
    if state is not TaskState.QUEUED:
        usual |= {"started_at": now()}
    with database.writing() as session:
        task = Task(
            kind=TaskKind.GATE,
            requested_by_id=world.ines.id,
            state=state,
            finished_at=now() if state is TaskState.DONE else None,
            **{**usual, **fields},
        )
        session.add(task)
        session.flush()
        return f"{ROOT}/{task.public_id}"


def result(cases: list[dict[str, Any]], *disagreements: str) -> dict[str, Any]:
    is_well = not disagreements and not any(case["problems"] for case in cases)
    return {
        "admitted": is_well,
        "unit": "nn",
        "unit_digest": "sha256:5f0c",
        "sandbox": "bubblewrap",
        "disagreements": list(disagreements),
        "cases": cases,
    }


def test_it_is_asked_for_once_and_stopped(tara: FlaskClient, database: Database, world: World):
    first = tara.post(ROOT, data={"version": "", "part": "quick"})
    assert first.status_code == 303
    assert tara.post(ROOT, data={"part": "all"}).location == first.location
    with database.reading() as session:
        task = session.query(Task).one()
        assert task.arguments == {"with_mnist": False, "is_quick": True}
        assert (task.course_unit_id, task.requested_by_id) == (world.unit.id, world.tara.id)
    assert "Waits for a worker" in tara.get(first.location).text
    tests = tara.get("/courses/dl/nn/tests").text
    assert "Run the gate" in tests
    assert first.location in tests
    assert tara.post(f"{first.location}/cancel").status_code == 303
    assert "Stopped" in tara.get(first.location).text
    assert "over already" in tara.post(f"{first.location}/cancel", follow_redirects=True).text
    with database.reading() as session:
        acts = [event.action for event in session.query(AuditEvent).order_by(AuditEvent.id)]
    assert acts == ["gate.start", "gate.cancel"]


def test_a_stored_version_can_be_proved_but_none_of_another_unit(tara: FlaskClient, database: Database):
    with database.writing() as session:
        own = UnitVersion(unit="nn", digest="sha256:5f0c", facts={}, content=b"zip", label="stricter")
        other = UnitVersion(unit="rnn", digest="sha256:0000", facts={}, content=b"zip")
        session.add_all([own, other])
    answer = tara.post(ROOT, data={"version": str(own.id)})
    assert "version stricter" in tara.get(answer.location).text
    for wrong in (str(other.id), "x", "9" * 30):
        assert tara.post(ROOT, data={"version": wrong}).status_code == 400


def test_progress_is_shown(tara: FlaskClient, database: Database, world: World):
    progress = {
        "phase": "Grading",
        "done": 12,
        "total": 31,
        "cases": [{"name": "wrong/sgd-sign", "problems": ["not caught: <it> gets full marks"]}],
        "with_problems": [{"name": "wrong/sgd-sign", "problems": ["not caught: <it> gets full marks"]}],
    }
    page = tara.get(make_gate(database, world, TaskState.RUNNING, progress=progress)).text
    assert "12 of 31 cases, 1 with problems so far" in page
    assert "not caught: &lt;it&gt; gets full marks" in page
    assert "Stop it" in page


def test_the_verdict_comes_first_then_what_went_wrong_then_all_cases(
    tara: FlaskClient, database: Database, world: World
):
    cases = [
        make_case("reference/1"),
        make_case("wrong/sgd-sign", "not caught: it gets full marks"),
        make_case("hostile/zip-bomb", status="rejected", score=None, full_marks=0.0),
    ]
    page = tara.get(
        make_gate(database, world, TaskState.DONE, result=result(cases, "the public tests differ"))
    ).text
    order = [
        "Not admitted",
        "1 case of 3 went otherwise than it should; the unit’s parts disagree",
        "What went wrong",
        "the public tests differ",
        "not caught: it gets full marks",
        "All cases",
        "wrong/sgd-sign",
        "reference/1",
        "hostile/zip-bomb",
    ]
    places = [page.index(text, page.index("<h1")) for text in order[:6]]
    assert places == sorted(places)
    assert all(text in page for text in order)
    admitted = tara.get(make_gate(database, world, TaskState.DONE, result=result(cases[:1]))).text
    assert "Admitted" in admitted
    assert "a first look" in admitted


def test_a_failure_of_ours_says_nothing_about_the_tests(tara: FlaskClient, database: Database, world: World):
    page = tara.get(make_gate(database, world, TaskState.FAILED, problem="Docker does not answer.")).text
    assert "This says nothing about the tests" in page
    assert "Docker does not answer." in page


def test_another_unit_s_gate_is_not_here(tara: FlaskClient, database: Database, world: World):
    path = make_gate(database, world, TaskState.QUEUED, course_unit_id=None)
    assert tara.get(path).status_code == 404
