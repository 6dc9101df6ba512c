"""A grade's deliveries are made with the grade, in its transaction, for the endpoints of its course."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from grader.db.database import Database
from grader.db.models import GradingRun, RunReason, RunState, WebhookDelivery
from grader.jobs.announcing import announce
from grader.webhooks.messages import body_of
from tests.cast import half_done
from tests.integrations import make_webhook
from tests.people import World, make_run, make_submission

# No query depends on it. An overriding fixture would leave its database to the other files of this folder.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True, scope="session")


def graded(session: Session, world: World, **fields: Any) -> GradingRun:
    return make_run(session, make_submission(session, world.unit, world.ada), half_done(), **fields)


def deliveries(session: Session) -> list[WebhookDelivery]:
    session.flush()
    return session.query(WebhookDelivery).all()


def test_each_endpoint_of_the_course_that_is_on_is_told(database: Database, world: World):
    with database.writing() as session:
        told = {make_webhook(session, world.course).id for _ in range(2)}
        make_webhook(session, world.course, is_active=False)
        make_webhook(session, world.other_course)
        announce(session, graded(session, world))
        assert {delivery.webhook_id for delivery in deliveries(session)} == told


def test_what_a_message_says(database: Database, world: World):
    with database.writing() as session:
        make_webhook(session, world.course)
        run = graded(session, world)
        announce(session, run)
        (delivery,) = deliveries(session)
        assert delivery.payload["type"] == "grade.ready"
        data = delivery.payload["data"]
        submission = run.submission.public_id
        assert data == {
            "course": "dl",
            "unit": "nn",
            "submission": submission,
            "number": 1,
            "user": {"name": "Ada Byron", "email": "ada@example.org"},
            "received_at": data["received_at"],
            "is_late": False,
            "uses_attempt": True,
            "is_regrade": False,
            "graded_at": delivery.payload["timestamp"],
            "score": run.score,
            "max_score": run.max_score,
        }
        assert data["graded_at"].endswith("Z")
        body = body_of(delivery, "https://grader.example.org").decode()
        assert f'"url":"https://grader.example.org/submissions/{submission}"' in body
        assert f'"report_url":"https://grader.example.org/api/v1/submissions/{submission}/report"' in body


def test_a_regrade_is_told_as_one(database: Database, world: World):
    with database.writing() as session:
        make_webhook(session, world.course)
        announce(session, graded(session, world, reason=RunReason.REGRADE))
        (delivery,) = deliveries(session)
        assert delivery.payload["data"]["is_regrade"]


@pytest.mark.parametrize("state", [RunState.PROBLEM, RunState.CANCELLED, RunState.SUPERSEDED])
def test_a_run_without_a_grade_is_not_told(database: Database, world: World, state: RunState):
    with database.writing() as session:
        make_webhook(session, world.course)
        submission = make_submission(session, world.unit, world.ada)
        announce(session, make_run(session, submission, state=state))
        assert deliveries(session) == []


def test_a_grade_that_is_not_published_after_all_tells_nobody(database: Database, world: World):
    with database.writing() as session:
        make_webhook(session, world.course)
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        announce(session, graded(session, world))
        raise ZeroDivisionError
    with database.reading() as session:
        assert deliveries(session) == []
