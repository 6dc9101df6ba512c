"""One student's burst delays that student, nobody else."""

from grader.db.models import Course, RunState
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service


def test_others_go_before_a_burst(service: Service, new_worker: NewWorker):
    with service.database.writing() as session:
        session.get_one(Course, service.world.course.id).supersedes_queued = False
    burst = [service.hand_in() for _ in range(4)]
    bens = service.hand_in(service.world.ben)
    assert [service.run(run_id).priority for run_id in [*burst, bens]] == [1, 2, 3, 4, 1]
    new_worker()
    runs = [service.wait_for(run_id, RunState.GRADED) for run_id in [*burst, bens]]
    in_order = sorted(runs, key=lambda run: run.started_at)
    assert [run.id for run in in_order[2:]] == burst[1:]
    assert {run.id for run in in_order[:2]} == {burst[0], bens}


def test_what_ran_within_the_hour_counts(service: Service, new_worker: NewWorker):
    earlier = service.hand_in()
    new_worker()
    service.wait_for(earlier, RunState.GRADED)
    assert service.run(service.hand_in()).priority == 2
    assert service.run(service.hand_in(service.world.ben)).priority == 1
