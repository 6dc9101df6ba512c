"""Slots: so many runs at once, shared by both queues, each on a core of its own."""

import os
from pathlib import Path

from grader.db.models import GradingRun, RunState, Submission
from grader.jobs.examiners import cores_of
from grader.jobs.regrading import regrade
from grader.settings import Settings
from tests.jobs.conftest import NewWorker
from tests.jobs.service import Service
from tests.people import enrol, make_person

HERE = sorted(os.sched_getaffinity(0), reverse=True)


def test_so_many_run_at_once(service: Service, new_worker: NewWorker, tmp_path: Path):
    with service.database.writing() as session:
        people = [make_person(session, f"Student{number} Sample") for number in range(3)]
        for person in people:
            enrol(session, service.world.course, person)
    runs = [service.hand_in(person, wait_for=str(tmp_path / "go")) for person in people]
    new_worker(slots=2)
    for run_id in runs[:2]:
        service.wait_for(run_id, RunState.RUNNING)
    assert service.run(runs[2]).state is RunState.QUEUED
    (tmp_path / "go").touch()
    for run_id in runs:
        service.wait_for(run_id, RunState.GRADED)


def test_a_regrade_takes_a_slot_too(service: Service, new_worker: NewWorker, tmp_path: Path):
    first = service.hand_in(wait_for=str(tmp_path / "go"))
    (tmp_path / "go").touch()
    new_worker()
    service.wait_for(first, RunState.GRADED)
    (tmp_path / "go").unlink()
    with service.database.writing() as session:
        submission = session.get_one(Submission, session.get_one(GradingRun, first).submission_id)
        again = regrade(session, service.queue, submission, service.world.ines).id
    service.wait_for(again, RunState.RUNNING)
    bens = service.hand_in(service.world.ben)
    assert service.run(bens).state is RunState.QUEUED
    (tmp_path / "go").touch()
    service.wait_for(bens, RunState.GRADED)
    assert service.run(again).finished_at <= service.run(bens).started_at


def test_each_slot_has_a_core_while_they_last(tmp_path: Path):
    assert cores_of(Settings(data_dir=tmp_path), len(HERE)) == HERE
    assert cores_of(Settings(data_dir=tmp_path), len(HERE) + 1) == [*HERE, HERE[0]]
    chosen = Settings(data_dir=tmp_path, student_core=HERE[-1])
    assert cores_of(chosen, 1) == [HERE[-1]]
