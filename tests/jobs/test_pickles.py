"""Rows of the job engine that say that they are pickles are refused, and nothing of them is executed."""

import base64
import pickle
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from grader.db.models import RunState
from grader.jobs.engine import job_id
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service

PICKLED = "py_pickle"  # what DBOS calls it


class Trap:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def trap(path: Path) -> str:
    return base64.b64encode(pickle.dumps(Trap(path))).decode()


def table(url: str, name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *map(sa.column, columns), schema=None if url.startswith("sqlite") else "dbos")


def test_forged_arguments_of_a_job(service: Service, url: str, new_worker: NewWorker, tmp_path: Path):
    run_id = service.hand_in()
    jobs = table(url, "workflow_status", "workflow_uuid", "serialization")
    inputs = table(url, "workflow_input", "workflow_uuid", "inputs")
    with service.database.writing() as session:
        for forged, values in (
            (jobs, {"serialization": PICKLED}),
            (inputs, {"inputs": trap(tmp_path / "sprung")}),
        ):
            its_job = forged.c.workflow_uuid == job_id(run_id, 0)
            assert session.execute(sa.update(forged).where(its_job).values(values)).rowcount == 1
    new_worker()
    run = service.wait_for(run_id, RunState.GRADED)
    assert run.tries == 1, "the forged job counts as lost, an honest one took its place"
    assert not (tmp_path / "sprung").exists()


def test_a_forged_outcome_of_a_step(service: Service, url: str, new_worker: NewWorker, tmp_path: Path):
    run_id = service.hand_in()
    steps = table(url, "datasource_outputs", "workflow_id", "step_id", "output", "serialization")
    with service.database.writing() as session:
        session.execute(
            sa.insert(steps),
            [
                {
                    "workflow_id": job_id(run_id, 0),
                    "step_id": step,
                    "output": trap(tmp_path / "sprung"),
                    "serialization": PICKLED,
                }
                for step in range(4)  # whichever number the publishing has
            ],
        )
    new_worker()
    assert service.wait_for(run_id, RunState.GRADED).tries == 1
    assert not (tmp_path / "sprung").exists()


def test_what_is_stored_is_json(service: Service, url: str, new_worker: NewWorker):
    run_id = service.hand_in()
    new_worker()
    service.wait_for(run_id, RunState.GRADED)
    jobs = table(url, "workflow_status", "workflow_uuid", "serialization")
    with service.database.reading() as session:
        assert session.scalars(sa.select(jobs.c.serialization)).all() == ["portable_json"]
