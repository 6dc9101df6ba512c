"""Workers do tasks in processes of their own, whatever dies on the way."""

import os
import signal
from pathlib import Path

from grader.db.database import Database
from grader.db.models import Task, TaskState
from grader.jobs.liveness import process_name
from grader.tasks import cancel
from grader.tasks.holding import MAX_TRIES
from grader.tasks.run import NICENESS
from tests.jobs.workers import wait_until
from tests.people import World
from tests.tasks.conftest import NewTask, NewWorker, task_of, wait_for


def pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def is_alive(pid: int) -> bool:
    name = process_name(pid)
    return name is not None and not name.endswith(":dead")


def test_a_task_is_done_after_grading_and_apart_from_the_worker(
    database: Database, new_task: NewTask, new_worker: NewWorker, tmp_path: Path
):
    here, go = tmp_path / "here", tmp_path / "go"
    task_id = new_task(here=str(here), wait_for=str(go), progress={"done": 1}, result={"found": "it"})
    worker = new_worker()
    wait_until(lambda: pids(here), "the work has begun")
    assert pids(here) != [worker.pid]
    assert task_of(database, task_id).progress == {"done": 1}
    go.touch()
    task = wait_for(database, task_id, TaskState.DONE)
    assert task.result == {"found": "it", "niceness": os.nice(0) + NICENESS}
    assert (task.fence, task.tries, task.finished_at is not None) == (1, 0, True)


def test_a_failure_is_told_and_not_tried_again(database: Database, new_task: NewTask, new_worker: NewWorker):
    task_id = new_task(problem="There is no sandbox.")
    new_worker()
    task = wait_for(database, task_id, TaskState.FAILED)
    assert (task.problem, task.fence) == ("There is no sandbox.", 1)


def test_a_process_that_dies_again_and_again_fails(
    database: Database, new_task: NewTask, new_worker: NewWorker
):
    task_id = new_task(dies=True)
    new_worker()
    task = wait_for(database, task_id, TaskState.FAILED)
    assert task.fence == task.tries == MAX_TRIES
    assert task.problem is not None
    assert "code -9" in task.problem


def test_a_cancelled_task_s_process_ends_even_if_it_does_not_listen(
    database: Database, world: World, new_task: NewTask, new_worker: NewWorker, tmp_path: Path
):
    here = tmp_path / "here"
    task_id = new_task(here=str(here), wait_for=str(tmp_path / "never"), deaf=True)
    new_worker()
    wait_until(lambda: pids(here), "the work has begun")
    with database.writing() as session:
        cancel(session, session.get_one(Task, task_id), world.ines)
    wait_until(lambda: not is_alive(pids(here)[0]), "the process is gone")
    assert task_of(database, task_id).state is TaskState.CANCELLED
    after = new_task(result={"then": 1})
    assert wait_for(database, after, TaskState.DONE).result is not None


def test_a_draining_worker_lets_its_task_wait_for_another(
    database: Database, new_task: NewTask, new_worker: NewWorker, tmp_path: Path
):
    here, go = tmp_path / "here", tmp_path / "go"
    task_id = new_task(here=str(here), wait_for=str(go))
    worker = new_worker()
    wait_until(lambda: pids(here), "the work has begun")
    worker.send(signal.SIGTERM)
    assert worker.ended() == 0
    task = task_of(database, task_id)
    assert (task.state, task.worker_id, task.tries) == (TaskState.QUEUED, None, 0)
    assert not is_alive(pids(here)[0])
    go.touch()
    new_worker()
    assert wait_for(database, task_id, TaskState.DONE).fence == 2


def test_a_killed_worker_s_task_ends_with_it_and_is_taken_up_again(
    database: Database, new_task: NewTask, new_worker: NewWorker, tmp_path: Path
):
    here, go = tmp_path / "here", tmp_path / "go"
    task_id = new_task(here=str(here), wait_for=str(go))
    killed = new_worker()
    wait_until(lambda: pids(here), "the work has begun")
    first = task_of(database, task_id)
    killed.kill()
    wait_until(lambda: not is_alive(pids(here)[0]), "the process ends with its worker")
    new_worker()
    wait_until(lambda: len(pids(here)) == 2, "the work has begun again")
    go.touch()
    task = wait_for(database, task_id, TaskState.DONE)
    assert (task.fence, task.tries) == (2, 1)
    assert task.worker_id != first.worker_id
