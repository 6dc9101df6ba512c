"""POST /submissions/<public_id>/cancel"""

from grader.db.models import GradingRun, RunState
from tests.cast import reference
from tests.web.handed_in import hand_in


def test_what_waits_is_cancelled(client_of, database, world, queue):
    (public_id,) = hand_in(database, world, RunState.QUEUED)
    with database.reading() as session:
        queue.waiting += [run.id for run in session.query(GradingRun)]
    answer = client_of(world.ada).post(f"/submissions/{public_id}/cancel")
    assert (answer.status_code, answer.location) == (303, f"/submissions/{public_id}")


def test_what_is_over_stays_and_that_is_told(client_of, database, world):
    (public_id,) = hand_in(database, world, reference())
    browser = client_of(world.ada)
    assert browser.post(f"/submissions/{public_id}/cancel").status_code == 303
    assert "nothing to cancel" in browser.get(f"/submissions/{public_id}").text
