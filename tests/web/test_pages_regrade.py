"""POST /submissions/<public_id>/regrade"""

from grader.db.models import AuditEvent, GradingRun, RunReason, RunState
from tests.cast import half_done
from tests.web.handed_in import hand_in


def test_staff_queue_another_run_and_the_first_one_stands_meanwhile(client_of, database, world, queue):
    (public_id,) = hand_in(database, world, half_done())
    browser = client_of(world.tara)
    assert browser.post(f"/submissions/{public_id}/regrade").status_code == 303
    with database.reading() as session:
        first, second = session.query(GradingRun).order_by(GradingRun.id)
        assert (first.state, first.stands) == (RunState.GRADED, True)
        assert (second.state, second.stands, second.reason) == (RunState.QUEUED, False, RunReason.REGRADE)
        assert session.query(AuditEvent).one().actor_id == world.tara.id
        assert queue.waiting == [second.id]
    page = browser.get(f"/submissions/{public_id}").text
    assert "It will be graded again" in page
    assert '<span class="figure">34</span>' in page


def test_a_student_may_not(client_of, database, world):
    (public_id,) = hand_in(database, world, half_done())
    assert client_of(world.ada).post(f"/submissions/{public_id}/regrade").status_code == 403
