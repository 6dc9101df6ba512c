"""A worker whose heart does not beat takes no runs, before the others take it for dead."""

import time

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.db.base import now
from grader.db.models import RunState, Worker
from grader.jobs import liveness
from grader.jobs.liveness import BEAT_S, LOOKS_UNTIL_DEAD, STALE_S, Pulse
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service
from tests.jobs.workers import ACTED_STALE_S, wait_until

WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
TEMPTING_S = 1.0  # many times as long as a worker needs to take a run


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "postgresql"


def test_a_pulse_is_stale_after_a_few_beats_and_fresh_with_the_next(monkeypatch: pytest.MonkeyPatch):
    seconds = [100.0]
    monkeypatch.setattr(liveness.time, "monotonic", lambda: seconds[0])
    pulse = Pulse()
    seconds[0] += STALE_S
    assert not pulse.is_stale()
    seconds[0] += 0.1
    assert pulse.is_stale()
    pulse.beaten_s = seconds[0]
    assert not pulse.is_stale()


def test_it_is_stale_well_before_the_others_may_bury_it():
    assert 2 * BEAT_S < STALE_S < (LOOKS_UNTIL_DEAD - 2) * BEAT_S


def test_a_worker_whose_heart_stands_still_takes_no_runs(service: Service, new_worker: NewWorker):
    new_worker()
    with Session(service.database.engine) as holder, service.database.engine.connect() as onlooker:
        holder.scalars(sa.select(Worker).with_for_update()).one()  # so it can't beat
        wait_until(lambda: onlooker.scalar(WAITING), "its heart waits")
        time.sleep(ACTED_STALE_S)  # nothing tells when it is over
        run_id = service.hand_in()
        time.sleep(TEMPTING_S)
        released_at = now()
        holder.rollback()
    assert service.wait_for(run_id, RunState.GRADED).started_at > released_at
