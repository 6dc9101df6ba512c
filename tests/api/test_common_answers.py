"""What may be answered to every operation alike: it comes where the document tells of it, and only there."""

from dataclasses import replace

import pytest
from flask import Flask

from grader.db.database import Database
from grader.db.models import Scope
from grader.jobs.queue import JobQueue
from grader.settings import Settings
from grader.web.api import contract
from grader.web.app import create_app
from tests.api.client import ApiClient, code_of, new_token
from tests.api.conformance import documented_answers
from tests.api.conftest import ClientOf
from tests.people import World, make_run, make_submission

OPERATIONS = sorted(contract.operations())


def is_documented(operation: str, status: int) -> bool:
    return any((found.operation, found.status) == (operation, status) for found in documented_answers())


def path_of(operation: str, public_id: str = "2" * 12, course: str = "dl") -> tuple[str, str]:
    found = contract.operations()[operation]
    return found.method, found.path.format(
        public_id=public_id, course=course, webhook=public_id, delivery=public_id
    )


def with_status(status: int) -> list[str]:
    return [operation for operation in OPERATIONS if is_documented(operation, status)]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_token_is_needed_where_the_document_says_so(client_of: ClientOf, world: World, operation: str):
    answer = client_of(None).ask(*path_of(operation))
    assert (answer.status_code == 401) == is_documented(operation, 401)


@pytest.mark.parametrize("operation", with_status(403))
def test_the_scope_is_needed(client_of: ClientOf, world: World, operation: str):
    needed = contract.operations()[operation].scopes
    other = Scope.STAFF if needed == (Scope.SUBMIT,) else Scope.SUBMIT
    answer = client_of(world.ines, other).ask(*path_of(operation))
    assert (answer.status_code, code_of(answer)) == (403, "insufficient-scope")


@pytest.mark.parametrize(
    "operation", [name for name in with_status(404) if "{" in path_of(name, "{", "{")[1]]
)
def test_what_belongs_to_others_does_not_exist(
    client_of: ClientOf, world: World, database: Database, operation: str
):
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission)
    outsider = client_of(world.olaf, *Scope)
    for public_id in (submission.public_id, "2" * 12):
        answer = outsider.ask(*path_of(operation, public_id))
        assert (answer.status_code, code_of(answer)) == (404, "not-found")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_unknown_parameter_is_told(client_of: ClientOf, world: World, operation: str):
    method, path = path_of(operation)
    answer = client_of(world.ines, *Scope).ask(method, f"{path}?x=1")
    assert (answer.status_code, code_of(answer)) == (422, "invalid-request")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_too_many_requests_are_told(
    settings: Settings, database: Database, queue: JobQueue, world: World, operation: str
):
    app: Flask = create_app(replace(settings, api_requests_per_minute=1), database, queue)
    client = ApiClient(app, new_token(database, world.ines, *Scope))
    answers = [client.ask(*path_of(operation)) for _ in range(2)]
    assert answers[0].status_code != 429
    assert (answers[1].status_code, code_of(answers[1])) == (429, "too-many-requests")
