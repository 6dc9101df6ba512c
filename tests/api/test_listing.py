"""GET /submissions: whose, which, and page by page."""

from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import RunReason, RunState, Scope
from tests.api.client import ApiClient, code_of, new_token
from tests.api.conftest import ClientOf
from tests.people import World, enrol, make_course, make_person, make_run, make_submission, make_unit


@pytest.fixture
def handed_in(database: Database, world: World) -> dict[str, str]:
    """Public ids of what the cast has handed in, by a name; the oldest first."""
    ids = {}
    with database.writing() as session:
        other_unit = make_unit(session, world.course, slug="cnn", title="Convolutions")
        for age, (name, unit, person, state) in enumerate(
            (
                ("ada 1", world.unit, world.ada, RunState.GRADED),
                ("ben 1", world.unit, world.ben, RunState.GRADED),
                ("ada cnn", other_unit, world.ada, RunState.QUEUED),
                ("ada 2", world.unit, world.ada, RunState.RUNNING),
                ("tara 1", world.unit, world.tara, RunState.GRADED),
            )
        ):
            at = now() - timedelta(hours=9 - age)
            submission = make_submission(session, unit, person, received_at=at)
            make_run(session, submission, state=state)
            ids[name] = submission.public_id
    return ids


def names(answer: TestResponse, handed_in: dict[str, str]) -> list[str]:
    by_id = {public_id: name for name, public_id in handed_in.items()}
    return [by_id[item["id"]] for item in answer.get_json()["items"]]


def test_one_s_own_newest_first(ada: ApiClient, handed_in: dict[str, str]):
    assert names(ada.get("/submissions"), handed_in) == ["ada 2", "ada cnn", "ada 1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("course=dl", ["ada 2", "ada cnn", "ada 1"]),
        ("unit=cnn", ["ada cnn"]),
        ("course=dl&unit=nn&state=graded", ["ada 1"]),
        ("state=queued", ["ada cnn"]),
        ("user=ada@example.org&unit=nn", ["ada 2", "ada 1"]),
        ("user=ben@example.org", []),
        ("course=dl&user=ben@example.org", []),
        ("unit=none", []),
    ],
)
def test_filters_narrow_what_a_student_sees(
    ada: ApiClient, handed_in: dict[str, str], query: str, expected: list[str]
):
    assert names(ada.get(f"/submissions?{query}"), handed_in) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["tara 1"]),
        ("?course=dl", ["tara 1", "ada 2", "ada cnn", "ben 1", "ada 1"]),
        ("?course=dl&user=BEN@example.org", ["ben 1"]),
        ("?course=dl&unit=nn&state=graded", ["tara 1", "ben 1", "ada 1"]),
    ],
)
def test_staff_see_everybody_s_of_their_course(
    tara: ApiClient, handed_in: dict[str, str], query: str, expected: list[str]
):
    assert names(tara.get(f"/submissions{query}"), handed_in) == expected


def test_without_the_scope_staff_see_their_own(client_of: ClientOf, world: World, handed_in: dict[str, str]):
    assert names(client_of(world.tara).get("/submissions?course=dl"), handed_in) == ["tara 1"]


def test_a_course_of_others_does_not_exist(
    ada: ApiClient, tara: ApiClient, client_of: ClientOf, world: World, handed_in: dict[str, str]
):
    for client in (ada, tara, client_of(world.olaf)):
        answer = client.get("/submissions?course=stats")
        assert (answer.status_code, code_of(answer)) == (404, "not-found")


def test_an_admin_sees_every_course_with_the_scope(
    client_of: ClientOf, world: World, handed_in: dict[str, str]
):
    assert len(client_of(world.abe, Scope.STAFF).get("/submissions?course=dl").get_json()["items"]) == 5
    assert client_of(world.abe).get("/submissions?course=dl").status_code == 404


def test_page_by_page_nothing_is_missed_or_told_twice(tara: ApiClient, handed_in: dict[str, str]):
    path, seen = "/submissions?course=dl&limit=2", []
    while path:
        page = tara.get(path)
        assert len(page.get_json()["items"]) <= 2
        seen += names(page, handed_in)
        path = (page.get_json()["next"] or "").removeprefix("https://grader.example.org/api/v1")
    assert seen == ["tara 1", "ada 2", "ada cnn", "ben 1", "ada 1"]


def test_submissions_of_the_same_moment_are_all_told(ada: ApiClient, world: World, database: Database):
    at = now()
    with database.writing() as session:
        for _ in range(5):
            make_run(session, make_submission(session, world.unit, world.ada, received_at=at))
    path, seen = "/submissions?limit=2", []
    while path:
        page = ada.get(path).get_json()
        seen += [item["number"] for item in page["items"]]
        path = (page["next"] or "").removeprefix("https://grader.example.org/api/v1")
    assert seen == [5, 4, 3, 2, 1]


def test_one_can_t_go_on_after_what_one_may_not_know(ada: ApiClient, handed_in: dict[str, str]):
    assert ada.get(f"/submissions?after={handed_in['ben 1']}").status_code == 404


def test_a_regrade_under_way_is_told(ada: ApiClient, world: World, database: Database):
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission)
        make_run(session, submission, state=RunState.QUEUED, stands=False, reason=RunReason.REGRADE)
    (item,) = ada.get("/submissions").get_json()["items"]
    assert (item["state"], item["is_being_regraded"]) == ("graded", True)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=1e1",
        "limit=٣",
        "state=done",
        "stat=graded",
        "course=",
        "course=a%00b",
        "user=%00",
        "after=x",
        "unit=nn&unit=cnn",
    ],
)
def test_what_makes_no_sense_is_told(ada: ApiClient, query: str):
    answer = ada.get(f"/submissions?{query}")
    assert (answer.status_code, code_of(answer)) == (422, "invalid-request")
    (error,) = answer.get_json()["errors"]
    assert error["name"] == query.partition("=")[0]


def test_one_who_has_left_keeps_their_own(app: Flask, world: World, database: Database):
    with database.writing() as session:
        course = make_course(session, slug="old")
        unit = make_unit(session, course)
        left = make_person(session, "Leo Past")
        enrol(session, course, left, ended_at=now())
        submission = make_submission(session, unit, left)
        make_run(session, submission)
    client = ApiClient(app, new_token(database, left, Scope.SUBMIT))
    assert [item["id"] for item in client.get("/submissions").get_json()["items"]] == [submission.public_id]
    assert client.get("/submissions?course=old").status_code == 404
