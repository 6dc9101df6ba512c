"""Requests made up from the OpenAPI document, good and bad: never a 5xx, never an answer it does not tell of.

Schemathesis makes them up, the same ones each time: examples, every border of every schema, and random
ones. Ids, courses and archives of its good requests are made to exist, else little but 404 would be seen.
"""

import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.generation.modes import GenerationMode
from schemathesis.transport.serialization import Binary
from werkzeug.serving import WSGIRequestHandler, make_server

from grader.db.database import Database
from grader.db.models import RunState, Scope, User
from grader.web.api.events import STREAMS
from grader.web.api.streams import Pace, Streams
from grader.web.limits import limiter
from tests.api.client import honest_archive, new_token
from tests.integrations import URL, make_delivery, make_webhook
from tests.people import World, make_run, make_submission

ACCEPTED = ["2xx", "401", "403", "404", "406", "409", "422"]  # 422: any bytes are a good archive, but no zip
CASES = 15
GOOD = GenerationMode.POSITIVE
MADE_GOOD = [  # Schemathesis takes a body for a bad one once it was changed
    {"include-operation-id": name, "checks": {"negative_data_rejection": {"enabled": False}}}
    for name in ("create_submission", "create_webhook")
]


class Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@pytest.fixture
def address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The app served, without limits of rate, and with streams that last a moment."""
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    app.extensions[STREAMS] = Streams(total=1000, each=1000, pace=Pace(look_s=0.001, life_s=0.002))
    monkeypatch.setattr(limiter, "enabled", False)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def submissions(database: Database, world: World) -> list[str]:
    """Submissions of Ada's in every state."""
    ids = []
    with database.writing() as session:
        for state in RunState:
            submission = make_submission(session, world.unit, world.ada)
            make_run(session, submission, state=state)
            ids.append(submission.public_id)
    return ids


@pytest.mark.parametrize("role", ["student", "staff", "outsider"])
def test_no_answer_that_the_document_does_not_tell_of(
    address: str, database: Database, world: World, submissions: list[str], role: str
):
    token = new_token(database, *_asker(role, world))
    with database.writing() as session:
        made = [make_delivery(session, make_webhook(session, world.course)) for _ in range(5)]
        webhooks = [(delivery.webhook.public_id, delivery.public_id) for delivery in made]
    answers, failures = run(address, token, submissions, webhooks, is_member=role != "outsider")
    assert failures == []
    assert len(answers) > 40  # kinds of answers: the requests have come far
    if role == "student":
        assert answers["POST /submissions", 202] > 1
    if role == "staff":
        assert answers["POST /courses/{course}/webhooks", 201] > 1


def run(
    address: str, token: str, submissions: list[str], webhooks: list[tuple[str, str]], is_member: bool
) -> tuple[Counter[tuple[str, int]], list[str]]:
    """Ask everything that Schemathesis makes up; return how often what was answered, and what was wrong."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "headers": {"Authorization": f"Bearer {token}"},
            "generation": {"max-examples": CASES, "deterministic": True, "database": "none"},
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
            "phases": {"stateful": {"enabled": False}},
            "operations": MADE_GOOD if is_member else [],
        }
    )
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=config)
    ids, hooks, turns = itertools.cycle(submissions), itertools.cycle(webhooks), itertools.count()

    @schema.hook
    def map_case(context: Any, case: Any) -> Any:
        """Let what a good request names exist, and half of its archives be ones."""
        if case.meta is not None and case.meta.generation.mode is GOOD:
            if "public_id" in case.path_parameters:
                case.path_parameters["public_id"] = next(ids)
            if "course" in case.path_parameters:
                case.path_parameters["course"] = "dl"
            hook = dict(zip(("webhook", "delivery"), next(hooks), strict=True))
            for name in hook.keys() & case.path_parameters.keys():
                case.path_parameters[name] = hook[name]
            if isinstance(case.body, dict) and "url" in case.body:
                case.body["url"] = URL
            elif isinstance(case.body, dict) and is_member:
                case.body |= {"course": "dl", "unit": "nn"}
                if next(turns) % 2 == 0:
                    case.body["archive"] = Binary(honest_archive())
        return case

    answers: Counter[tuple[str, int]] = Counter()
    failures: list[str] = []
    for event in from_schema(schema).execute():
        if isinstance(event, NonFatalError | FatalError):
            failures.append(f"{event}: {getattr(event, 'value', None) or event.exception}")
        if isinstance(event, ScenarioFinished):
            failures += _failures(event)
            for interaction in event.recorder.interactions.values():
                if interaction.response is not None:
                    answers[event.label, interaction.response.status_code] += 1
    return answers, failures


def _asker(role: str, world: World) -> tuple[User, Scope] | tuple[User, Scope, Scope]:
    if role == "student":
        return world.ada, Scope.SUBMIT
    return world.ines if role == "staff" else world.olaf, Scope.SUBMIT, Scope.STAFF


def _failures(event: ScenarioFinished) -> Iterator[str]:
    for case_id, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                case = event.recorder.cases[case_id].value
                yield f"{check.name}: {case.as_curl_command()}: {check.failure_info.failure}"
