"""Regrading makes another run, which stands once it is graded; the earlier one keeps all it has."""

import sqlalchemy as sa

from grader.db.models import AttemptState, GradingRun, RunReason, RunState, Submission
from grader.jobs.regrading import regrade
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service


def ask_regrade(service: Service, run_id: int) -> int:
    with service.database.writing() as session:
        submission = session.get_one(Submission, session.get_one(GradingRun, run_id).submission_id)
        return regrade(session, service.queue, submission, service.world.ines, "192.0.2.7").id


def standing(service: Service, run_id: int) -> int:
    with service.database.reading() as session:
        return session.scalars(
            sa.select(GradingRun.id).where(
                GradingRun.submission_id == session.get_one(GradingRun, run_id).submission_id,
                GradingRun.stands,
            )
        ).one()


def test_the_new_run_stands_and_the_old_one_stays(service: Service, new_worker: NewWorker):
    first = service.hand_in()
    new_worker()
    before = service.wait_for(first, RunState.GRADED)
    second = ask_regrade(service, first)
    after = service.wait_for(second, RunState.GRADED)
    assert after.reason is RunReason.REGRADE
    assert after.requested_by_id == service.world.ines.id
    assert standing(service, first) == second
    kept = service.run(first)
    assert (kept.state, kept.score, kept.stands) == (RunState.GRADED, before.score, False)
    assert len(service.reports(first)) == len(service.reports(second)) == 1
    assert service.audit(first) == ["run.regrade"]


def test_one_that_fails_changes_nothing(service: Service, new_worker: NewWorker):
    first = service.hand_in(problem="The disk is full.", on_calls=[2, 3, 4, 5])
    new_worker()
    service.wait_for(first, RunState.GRADED)
    second = ask_regrade(service, first)
    assert service.wait_for(second, RunState.GRADED, RunState.PROBLEM).problem == "The disk is full."
    assert standing(service, first) == first
    assert service.run(first).state is RunState.GRADED
    assert service.submission(first).attempt is AttemptState.USED


def test_a_run_that_is_under_way_is_not_doubled(service: Service):
    first = service.hand_in()
    assert ask_regrade(service, first) == first
    assert service.audit(first) == []


def test_it_waits_until_nobody_else_does(service: Service, new_worker: NewWorker):
    first = service.hand_in()
    worker = new_worker()
    service.wait_for(first, RunState.GRADED)
    worker.kill()
    again = ask_regrade(service, first)
    others = [service.hand_in(service.world.ben), service.hand_in()]
    new_worker()
    last = service.wait_for(again, RunState.GRADED)
    assert all(service.run(other).started_at < last.started_at for other in others)
    assert service.submission(first).attempt is AttemptState.USED
