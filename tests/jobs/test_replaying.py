"""A replay's result is kept beside the one that stands, and is told to nobody."""

from dataclasses import replace

import sqlalchemy as sa

from grader.db.models import GradingRun, RunReport, RunState, Submission, UnitVersion, WebhookDelivery
from grader.jobs import liveness
from grader.jobs.claiming import claim
from grader.jobs.publishing import publish
from grader.jobs.regrading import replay
from grader.settings import CHECKOUT
from grader.units import load_unit
from tests import cast
from tests.integrations import make_webhook
from tests.jobs.service import Service

UNIT = load_unit("nn", CHECKOUT)


def grade(service: Service, run_id: int, score: float) -> None:
    with service.database.writing() as session:
        claimed = claim(session, run_id, 0, "first")
        assert claimed is not None
        assert publish(session, claimed, UNIT, replace(cast.reference(), score=score))


def ask_replay(service: Service, run_id: int) -> int:
    with service.database.writing() as session:
        submission = session.get_one(Submission, session.get_one(GradingRun, run_id).submission_id)
        run = replay(session, service.queue, submission, service.world.tara)
        assert run is not None
        return run.id


def test_it_never_stands_and_is_told_to_nobody(service: Service):
    liveness.enter(service.database, "first", slots=1, sandbox="none")
    with service.database.writing() as session:
        make_webhook(session, service.world.course)
    first = service.hand_in()
    grade(service, first, 70.0)
    again = ask_replay(service, first)
    grade(service, again, 10.0)
    assert (service.run(first).stands, service.run(again).stands) == (True, False)
    assert (service.run(again).state, service.run(again).score) == (RunState.GRADED, 10.0)
    with service.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(RunReport)) == 2
        assert session.scalars(sa.select(WebhookDelivery.run_id)).all() == [first]


def test_it_is_graded_by_the_same_tests_where_they_are_kept(service: Service):
    liveness.enter(service.database, "first", slots=1, sandbox="none")
    first = service.hand_in()
    grade(service, first, 70.0)
    without = ask_replay(service, first)
    assert service.run(without).wanted_version_id is None
    grade(service, without, 70.0)
    with service.database.writing() as session:
        session.execute(sa.update(UnitVersion).values(content=b"PK"))
    kept = ask_replay(service, first)
    assert service.run(kept).wanted_version_id == service.run(first).unit_version_id
