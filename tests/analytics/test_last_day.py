"""The last 24 hours of the queue."""

from datetime import timedelta

import pytest

from grader.analytics.last_day import HOURS, last_day
from grader.analytics.problems import problem_runs
from grader.db.base import now
from grader.db.models import RunReason, RunState
from tests.people import make_run, make_submission, make_unit


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"


def test_hours_count_what_came_what_was_graded_and_its_waits(database, world):
    at = now()
    with database.writing() as session:
        for minutes, wait_s, reason in (
            (50, 10, RunReason.SUBMISSION),
            (40, 30, RunReason.SUBMISSION),
            (30, 90, RunReason.SUBMISSION),
            (20, 500, RunReason.REGRADE),
            (90, 1800, RunReason.SUBMISSION),
            (25 * 60, 0, RunReason.SUBMISSION),
        ):
            queued_at = at - timedelta(minutes=minutes)
            times = {
                "queued_at": queued_at,
                "started_at": queued_at + timedelta(seconds=wait_s),
                "finished_at": queued_at + timedelta(seconds=wait_s + 20),
            }
            make_run(session, make_submission(session, world.unit, world.ada), reason=reason, **times)
        waiting = make_submission(session, world.unit, world.ada)
        make_run(session, waiting, state=RunState.QUEUED, queued_at=at - timedelta(minutes=5))
    with database.reading() as session:
        day = last_day(session, at)
    assert [hour.ago for hour in day] == list(range(HOURS, 0, -1))
    before, last = day[-2:]
    assert (last.came, last.graded, last.wait_s, last.long_wait_s) == (4, 4 + 1, 30.0, 90.0)
    assert (before.came, before.graded, before.wait_s) == (1, 0, 1800.0)
    assert sum(hour.came for hour in day) == 5


def test_problems_are_of_the_course_and_newest_first(database, world):
    with database.writing() as session:
        theirs = make_unit(session, world.other_course)
        make_run(session, make_submission(session, theirs, world.cora), state=RunState.PROBLEM)
        old, new, again, fine = (make_submission(session, world.unit, world.ada) for _ in range(4))
        make_run(session, old, state=RunState.PROBLEM, queued_at=now() - timedelta(days=2))
        make_run(session, new, state=RunState.PROBLEM, queued_at=now() - timedelta(hours=2))
        make_run(session, again, state=RunState.QUEUED, problem="SandboxError: it did not start")
        make_run(session, fine)
    with database.reading() as session:
        found = [run.submission_id for run in problem_runs(session, world.course.id)]
    assert found == [again.id, new.id, old.id]
