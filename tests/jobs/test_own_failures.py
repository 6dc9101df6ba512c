"""Our own failures are tried again a few times and never become a score; a student's are results."""

import pytest
import sqlalchemy as sa

from grader.db.models import AttemptState, RunState, UnitVersion
from grader.jobs import failures
from grader.settings import CHECKOUT
from grader.units import load_unit
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service


def test_a_failure_that_passes_costs_nothing(service: Service, new_worker: NewWorker):
    run_id = service.hand_in(problem="The sandbox would not start.", on_calls=[1])
    new_worker()
    run = service.wait_for(run_id, RunState.GRADED, RunState.PROBLEM)
    assert run.state is RunState.GRADED
    assert run.tries == 1
    assert run.problem is None
    assert service.submission(run_id).attempt is AttemptState.USED
    assert service.audit(run_id) == []


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ({"problem": "The sandbox would not start."}, "The sandbox would not start."),
        ({"bug": True}, "ZeroDivisionError: the grader has a bug"),
    ],
)
def test_in_the_end_it_is_a_problem_without_a_score(
    service: Service, new_worker: NewWorker, part: dict, problem: str
):
    run_id = service.hand_in(**part)
    new_worker()
    run = service.wait_for(run_id, RunState.GRADED, RunState.PROBLEM)
    assert run.state is RunState.PROBLEM
    assert run.tries == len(failures.PAUSES_S) + 1
    assert run.score is None
    assert run.problem == problem
    assert run.finished_at is not None
    assert service.reports(run_id) == []
    assert service.submission(run_id).attempt is AttemptState.REFUNDED
    assert service.audit(run_id) == ["run.problem"]


def test_a_result_by_other_files_of_the_unit_than_it_is_published_with_counts_for_nothing(
    service: Service, new_worker: NewWorker
):
    run_id = service.hand_in(unit_digest="sha256:other", on_calls=[1])
    new_worker()
    assert service.wait_for(run_id, RunState.GRADED, RunState.PROBLEM).tries == 1
    with service.database.reading() as session:
        digests = session.scalars(sa.select(UnitVersion.digest)).all()
    assert digests == [load_unit("nn", CHECKOUT).digest]
