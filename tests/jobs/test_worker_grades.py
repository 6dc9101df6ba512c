"""A worker takes what is handed in, and its result stands."""

from grader.db.models import RunState
from tests import cast
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service


def test_a_hand_in_is_graded(service: Service, new_worker: NewWorker):
    run_id = service.hand_in()
    new_worker()
    run = service.wait_for(run_id, RunState.GRADED)
    assert run.stands
    assert (run.score, run.max_score) == (cast.reference().score, 100.0)
    assert run.mnist_ratio == cast.reference().mnist.ratio
    assert run.fence == 1
    assert run.tries == 0
    assert run.queued_at <= run.started_at <= run.first_result_at <= run.finished_at
    (report,) = service.reports(run_id)
    assert report["tests"] == cast.reference().to_json()["tests"]
