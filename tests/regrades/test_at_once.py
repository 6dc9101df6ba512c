"""Promoting while others act on the same: nobody waits for one who waits for them (PostgreSQL)."""

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from grader.db.models import GradingRun, RegradeState, RunState
from grader.errors import RefusedError
from grader.jobs import cancellation
from grader.jobs.regrading import regrade as regrade_one
from grader.regrades.promoting import promote, undo
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.jobs.workers import wait_until
from tests.regrades.acted import Acted, failing

# Its own: those of the folder may be open on SQLite.
__all__ = ["database", "database_kind", "empty_url", "migrated_url", "postgresql"]
pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True, scope="session")

WAITING = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def in_a_thread(act: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Start it; what it returns, or the exception that ends it, is in the list once the thread is over."""
    came: list[object] = []

    def run() -> None:
        try:
            came.append(act())
        except Exception as error:
            came.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, came


def ready(acted: Acted) -> int:
    """Return a regrade that is ready, in which Ada gains."""
    acted.verdict = lambda email, unit: failing("test_weight_decay")
    acted.hand_in(acted.world.ada)
    acted.verdict = lambda email, unit: failing()
    acted.change_tests()
    regrade_id = acted.start(acted.store("v"))
    acted.finish()
    return regrade_id


def test_who_cancels_a_run_may_write_that_down_while_it_is_waited_for(acted: Acted):
    regrade_id = ready(acted)
    with acted.database.writing() as session:
        submission = session.get_one(GradingRun, acted.runs(regrade_id)[0].id).submission
        alone_id = regrade_one(session, acted, submission, acted.world.tara).id
    with acted.database.writing() as session, acted.database.engine.connect() as onlooker:
        run = session.get_one(GradingRun, alone_id, with_for_update=True)
        thread, came = in_a_thread(lambda: acted.do(promote, regrade_id))
        wait_until(lambda: onlooker.scalar(WAITING) or not thread.is_alive(), "it waits for the run")
        assert thread.is_alive(), "it has not waited for the run"
        assert cancellation.cancel(session, run, acted.world.tara, None)
    thread.join()
    assert came == [1]
    with acted.database.reading() as session:
        assert session.get_one(GradingRun, alone_id).state is RunState.CANCELLED


def test_of_two_promotions_at_once_one_is_refused_and_undoing_restores_all(acted: Acted):
    regrade_id = ready(acted)
    before = acted.scores()
    both = [in_a_thread(lambda: acted.do(promote, regrade_id)) for _ in range(2)]
    for thread, _ in both:
        thread.join()
    ends = [came[0] for _, came in both]
    assert sorted(type(end) for end in ends if not isinstance(end, RefusedError)) == [int]
    assert acted.regrade(regrade_id).state is RegradeState.PROMOTED
    assert acted.scores() != before
    acted.do(undo, regrade_id)
    assert acted.scores() == before
