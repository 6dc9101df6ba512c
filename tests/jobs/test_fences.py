"""Only the newest claim of a run can publish, and only while the run is not over."""

import pytest
import sqlalchemy as sa

from grader.db.models import GradingRun, RunReport, RunState, RunTest, UnitVersion
from grader.jobs import liveness
from grader.jobs.claiming import Claim, claim
from grader.jobs.failures import record_failure
from grader.jobs.publishing import publish
from grader.results.visibility import PARTS
from grader.settings import CHECKOUT
from grader.units import load_unit
from tests import cast
from tests.jobs.service import Service

UNIT = load_unit("nn", CHECKOUT)


@pytest.fixture
def run_id(service: Service) -> int:
    liveness.enter(service.database, "first", slots=1, sandbox="none")
    liveness.enter(service.database, "second", slots=1, sandbox="none")
    return service.hand_in()


def take(service: Service, run_id: int, worker: str, tries: int = 0) -> Claim | None:
    with service.database.writing() as session:
        return claim(session, run_id, tries, worker)


def publish_as(service: Service, claimed: Claim | None) -> bool:
    assert claimed is not None
    with service.database.writing() as session:
        return publish(session, claimed, UNIT, cast.reference())


def count(service: Service, table: type) -> int:
    with service.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_the_newest_claim_publishes(service: Service, run_id: int):
    old, new = take(service, run_id, "first"), take(service, run_id, "second")
    assert not publish_as(service, old)
    assert count(service, RunReport) == 0
    assert publish_as(service, new)
    assert not publish_as(service, old)
    assert not publish_as(service, new), "not twice either"
    assert service.run(run_id).worker_id == "second"
    assert (count(service, RunReport), count(service, RunTest)) == (1, len(cast.reference().tests))


@pytest.mark.parametrize("state", [RunState.CANCELLED, RunState.PROBLEM, RunState.GRADED])
def test_a_run_that_is_over_is_left_alone(service: Service, run_id: int, state: RunState):
    claimed = take(service, run_id, "first")
    with service.database.writing() as session:
        session.execute(sa.update(GradingRun).values(state=state))
    assert not publish_as(service, claimed)
    assert take(service, run_id, "second") is None
    assert service.run(run_id).state is state


def test_the_job_of_an_earlier_try_takes_nothing(service: Service, run_id: int):
    claimed = take(service, run_id, "first")
    assert claimed is not None
    with service.database.writing() as session:
        assert record_failure(session, service.queue, run_id, 0, "no sandbox", claimed.fence)
    assert take(service, run_id, "first", tries=0) is None
    assert take(service, run_id, "second", tries=1) is not None


def test_a_late_failure_changes_nothing(service: Service, run_id: int):
    old, new = take(service, run_id, "first"), take(service, run_id, "second")
    assert old is not None
    with service.database.writing() as session:
        assert record_failure(session, service.queue, run_id, 0, "no sandbox", old.fence) is None
    assert publish_as(service, new)


def test_a_unit_s_files_are_written_down_once(service: Service, run_id: int):
    another = service.hand_in(service.world.ben)
    for each in (run_id, another):
        assert publish_as(service, take(service, each, "first"))
    with service.database.reading() as session:
        version = session.scalars(sa.select(UnitVersion)).one()
    assert version.facts["points"] == dict(UNIT.points)
    assert version.facts["visibility"] == {part: getattr(UNIT.visibility, part) for part in PARTS}
    assert service.run(run_id).unit_version_id == service.run(another).unit_version_id == version.id
