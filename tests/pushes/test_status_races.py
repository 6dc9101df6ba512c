"""A grading ends in the very moment in which its push is written down as handed in (PostgreSQL)."""

import threading

import pytest
import sqlalchemy as sa

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import CommitState, CommitStatus, GradingRun, Push, RunState
from grader.jobs.announcing import announce
from grader.pushes import statuses
from tests.cast import reference, template
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.integrations import TOKEN, make_link, make_push
from tests.jobs.workers import wait_until
from tests.people import World, make_run, make_submission

# Its own: those of the folder may be open on SQLite.
__all__ = ["database", "database_kind", "empty_url", "migrated_url", "postgresql"]
pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True, scope="session")

WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def test_the_commit_shows_how_it_ended(database: Database, world: World):
    with database.writing() as session:
        link = make_link(session, world.unit, world.ada, token=TOKEN, reports_status=True)
        push_id = make_push(session, link, "0", "a").id
        submission = make_submission(session, world.unit, world.ada)
        run_id = make_run(session, submission, state=RunState.RUNNING).id

    def write_down() -> None:
        with database.writing() as session:
            push = session.get_one(Push, push_id, with_for_update={"key_share": True})
            push.submission_id = submission.id
            statuses.tell_of_hand_in(session, push)

    thread = threading.Thread(target=write_down)
    try:
        with database.writing() as session, database.engine.connect() as onlooker:
            run = session.get_one(GradingRun, run_id, with_for_update=True)
            run.state, run.score, run.max_score, run.finished_at = RunState.GRADED, 10.0, 10.0, now()
            announce(session, run)
            session.flush()
            thread.start()
            wait_until(lambda: onlooker.scalar(WAITING) or not thread.is_alive(), "it waits for the run")
            assert thread.is_alive(), "it has not waited for the run"
    finally:
        thread.join()
    with database.reading() as session:
        assert session.query(CommitStatus).one().wanted is CommitState.SUCCESS


def test_a_regrade_that_is_undone_meanwhile_waits_for_nobody_who_waits_for_it(
    database: Database, world: World
):
    """A commit that was handed in before is pushed again: what it shows follows from the run that stands."""
    with database.writing() as session:
        link = make_link(session, world.unit, world.ada, token=TOKEN, reports_status=True)
        push_id = make_push(session, link, "0", "a").id
        submission = make_submission(session, world.unit, world.ada)
        before = make_run(session, submission, template(), stands=False)
        standing = make_run(session, submission, reference())

    def write_down() -> None:
        with database.writing() as session:
            push = session.get_one(Push, push_id, with_for_update={"key_share": True})
            push.submission_id = submission.id
            statuses.tell_of_hand_in(session, push)

    thread = threading.Thread(target=write_down)
    try:
        with database.writing() as session, database.engine.connect() as onlooker:
            session.get_one(GradingRun, standing.id, with_for_update=True)
            thread.start()
            wait_until(lambda: onlooker.scalar(WAITING) or not thread.is_alive(), "it waits for the run")
            assert thread.is_alive(), "it has not waited for the run"
            for run_id, stands in ((standing.id, False), (before.id, True)):
                session.execute(sa.update(GradingRun).where(GradingRun.id == run_id).values(stands=stands))
    finally:
        thread.join()
    with database.reading() as session:
        assert session.query(CommitStatus).one().wanted is CommitState.FAILURE
