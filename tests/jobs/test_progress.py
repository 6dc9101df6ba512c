"""Live progress is there while a run goes on, in order, under its fence, and gone when the run is over."""

import pytest
import sqlalchemy as sa

from grader.db.models import GradingRun, RunEvent, RunState
from grader.jobs import liveness
from grader.jobs.claiming import Claim, claim
from grader.jobs.progress import Progress
from grader.judging.events import EpochFinished, PhaseFinished, PhaseStarted, TestFinished
from grader.judging.result import Epoch
from tests import cast
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service
from tests.jobs.workers import wait_until

TEST = TestFinished(cast.reference().tests[0], 1, 12)
EPOCH = EpochFinished(1, 3, Epoch(0.4, 0.93), None)


def events(service: Service) -> list[RunEvent]:
    with service.database.reading() as session:
        return list(session.scalars(sa.select(RunEvent).order_by(RunEvent.fence, RunEvent.number)))


@pytest.fixture
def claimed(service: Service) -> Claim:
    run_id = service.hand_in()
    liveness.enter(service.database, "worker", slots=1, sandbox="none")
    with service.database.writing() as session:
        found = claim(session, run_id, 0, "worker")
    assert found is not None
    return found


def test_events_come_in_their_order(service: Service, claimed: Claim):
    with Progress(service.database, claimed) as progress:
        for event in (PhaseStarted("public", "Public tests"), TEST, EPOCH, PhaseFinished("public", 0.5)):
            progress.on_event(event)
    rows = events(service)
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert [row.kind for row in rows] == ["phase", "test", "epoch", "phase_end"]
    assert {row.fence for row in rows} == {1}
    assert rows[0].data == {"name": "public", "title": "Public tests"}
    assert rows[1].data["result"]["outcome"] == "passed"
    assert (rows[1].data["done"], rows[1].data["total"]) == (1, 12)
    assert rows[2].data["student"] == {"train_loss": 0.4, "val_accuracy": 0.93}


def test_the_first_event_is_there_while_the_run_goes_on(service: Service, claimed: Claim):
    with Progress(service.database, claimed) as progress:
        progress.on_event(TEST)
        wait_until(lambda: events(service), "the event is written")
        first_result_at = service.run(claimed.run_id).first_result_at
        assert first_result_at is not None
        progress.on_event(TEST)
    assert len(events(service)) == 2
    assert service.run(claimed.run_id).first_result_at == first_result_at


@pytest.mark.parametrize("change", [{"state": RunState.CANCELLED}, {"fence": 2}])
def test_a_run_that_is_not_ours_any_more_is_lost(service: Service, claimed: Claim, change: dict):
    with Progress(service.database, claimed) as progress:
        progress.on_event(TEST)
        wait_until(lambda: events(service), "the event is written")
        assert not progress.is_lost()
        with service.database.writing() as session:
            session.execute(sa.update(GradingRun).values(**change))
        wait_until(progress.is_lost, "it is known without another event")
    assert all(row.fence == 1 for row in events(service))


def test_a_finished_run_keeps_none(service: Service, new_worker: NewWorker):
    run_id = service.hand_in()
    new_worker()
    service.wait_for(run_id, RunState.GRADED)
    assert events(service) == []
