"""A push with a worker at work: its lines tell the grading, even if the worker dies meanwhile."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from grader.db.models import GradingRun, RunReport, RunState
from tests.git.client import Workplace
from tests.git.site import Site
from tests.jobs.hand_ins import PART
from tests.jobs.workers import WorkerProcess, start_worker, wait_until
from tests.people import World
from tests.submissions.archives.packing import honest_tree

NewWorker = Callable[[], WorkerProcess]


@pytest.fixture
def new_worker(site: Site) -> Iterator[NewWorker]:
    """Starts a worker that acts as each hand-in says."""
    workers: list[WorkerProcess] = []

    def start() -> WorkerProcess:
        workers.append(start_worker(site.settings.database, 1, GRADER_DATA_DIR=str(site.folder)))
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()
        assert worker.process.stdout is not None
        worker.process.stdout.close()


def acted(**part: object) -> dict[str, bytes]:
    return {**honest_tree(), PART: json.dumps(part).encode()}


def run_of(site: Site) -> GradingRun:
    with site.database.reading() as session:
        return session.scalars(sa.select(GradingRun)).one()


def test_a_push_tells_its_grading_to_the_score(
    site: Site, world: World, ada: Workplace, new_worker: NewWorker
):
    site.follow_for(3600)
    new_worker()
    ada.commit(acted())
    pushed = ada.push()
    assert pushed.code == 0, pushed.said
    (submission,) = site.submissions(world.ada)
    remote = pushed.remote
    assert "passed  Linear: test_linear_shapes" in remote
    assert "Everything works. Well done." in remote
    assert any(line.startswith("MNIST: accuracy") for line in remote)
    assert "Score: 100 of 100" in remote
    assert remote.count(f"http://127.0.0.1:8000/submissions/{submission.public_id}") == 2
    assert not any("Hidden" in line and "test_" in line for line in remote)


def test_a_worker_that_dies_costs_nothing(
    site: Site, world: World, ada: Workplace, new_worker: NewWorker, tmp_path: Path
):
    site.follow_for(3600)
    worker = new_worker()
    commit = ada.commit(acted(wait_for=str(tmp_path / "go")))
    process = ada.start("push", "grader", "main")
    wait_until(lambda: site.runs() and run_of(site).state is RunState.RUNNING, "it is being graded")
    assert process.stderr is not None
    lines = iter(process.stderr)
    assert any("passed" in line for line in lines)
    worker.kill()
    (tmp_path / "go").touch()
    new_worker()
    rest = list(lines)
    assert process.wait(60) == 0
    process.stderr.close()
    assert any("Score: 100 of 100" in line for line in rest), rest
    assert site.head(world.ada) == commit
    run = run_of(site)
    assert (run.state, run.fence) == (RunState.GRADED, 2)
    with site.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(RunReport)) == 1


def test_a_push_while_no_worker_is_there_waits(
    site: Site, world: World, ada: Workplace, new_worker: NewWorker
):
    site.follow_for(3600)
    ada.commit(acted())
    process = ada.start("push", "grader", "main")
    assert process.stderr is not None
    lines = iter(process.stderr)
    assert any("Waiting to be graded: you are next." in line for line in lines)
    new_worker()
    assert any("Score: 100 of 100" in line for line in lines)
    assert process.wait(60) == 0
    process.stderr.close()


def test_after_a_while_the_lines_end_and_grading_goes_on(
    site: Site, world: World, ada: Workplace, new_worker: NewWorker, tmp_path: Path
):
    ada.commit(acted(wait_for=str(tmp_path / "go")))
    new_worker()
    pushed = ada.push()
    assert pushed.code == 0
    assert "The grading goes on; its page shows how." in pushed.remote
    (tmp_path / "go").touch()
    wait_until(lambda: run_of(site).state is RunState.GRADED, "it is graded")


def test_a_newer_push_takes_the_place_of_one_that_waits(site: Site, world: World, ada: Workplace):
    site.follow_for(3600)
    ada.commit(acted())
    process = ada.start("push", "grader", "main")
    assert process.stderr is not None
    lines = iter(process.stderr)
    assert any("Waiting to be graded" in line for line in lines)
    site.follow_for(0)
    ada.commit(acted(sleep_s=0))
    assert ada.push().code == 0
    assert any("A newer hand-in of yours has taken this one's place" in line for line in lines)
    assert process.wait(60) == 0
    process.stderr.close()
