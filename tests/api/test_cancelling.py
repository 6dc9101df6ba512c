"""POST /submissions/ID/cancel and /regrade: who may, and what becomes of it."""

import pytest
import sqlalchemy as sa

from grader.db.database import Database
from grader.db.models import AttemptState, AuditEvent, GradingRun, RunState, Scope, Submission
from tests.api.client import ApiClient, code_of
from tests.api.conftest import ClientOf
from tests.people import World, make_run, make_submission


@pytest.fixture
def graded(database: Database, world: World) -> str:
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission)
        return submission.public_id


def audited(database: Database) -> list[tuple[str, int | None, str | None]]:
    with database.reading() as session:
        rows = session.scalars(sa.select(AuditEvent).where(AuditEvent.action.startswith("run.")))
        return [(row.action, row.actor_id, row.address) for row in rows]


def test_what_waits_is_cancelled_and_its_attempt_given_back(ada: ApiClient, world: World, database: Database):
    public_id = ada.hand_in().get_json()["id"]
    answer = ada.post(f"/submissions/{public_id}/cancel")
    said = answer.get_json()
    assert (answer.status_code, said["state"], said["uses_attempt"]) == (200, "cancelled", False)
    assert said["queue"] is None
    with database.reading() as session:
        assert session.scalars(sa.select(GradingRun.state)).one() is RunState.CANCELLED
        assert session.scalars(sa.select(Submission.attempt)).one() is AttemptState.REFUNDED
    assert audited(database) == [("run.cancel", world.ada.id, "127.0.0.1")]


def test_cancelling_twice_is_the_same_as_once(ada: ApiClient, database: Database):
    public_id = ada.hand_in().get_json()["id"]
    first, second = (ada.post(f"/submissions/{public_id}/cancel") for _ in range(2))
    assert (first.status_code, first.get_json()) == (second.status_code, second.get_json())
    assert len(audited(database)) == 1


def test_what_is_over_can_t_be_cancelled(ada: ApiClient, graded: str):
    answer = ada.post(f"/submissions/{graded}/cancel")
    assert (answer.status_code, code_of(answer)) == (409, "already-over")
    assert answer.get_json()["state"] == "graded"


def test_staff_may_cancel_others_may_not_know(
    ada: ApiClient, tara: ApiClient, client_of: ClientOf, world: World
):
    public_id = ada.hand_in().get_json()["id"]
    for person in (world.ben, world.olaf, world.tara):
        assert client_of(person).post(f"/submissions/{public_id}/cancel").status_code == 404
    assert tara.post(f"/submissions/{public_id}/cancel").get_json()["state"] == "cancelled"


def test_staff_regrade_and_the_result_before_stands(
    tara: ApiClient, ada: ApiClient, graded: str, database: Database, world: World
):
    answer = tara.post(f"/submissions/{graded}/regrade")
    said = answer.get_json()
    assert (answer.status_code, said["state"], said["is_being_regraded"]) == (202, "graded", True)
    assert answer.headers["Location"] == said["urls"]["self"]
    assert ada.get(f"/submissions/{graded}/report").status_code == 200
    assert audited(database) == [("run.regrade", world.tara.id, "127.0.0.1")]


def test_a_regrade_that_waits_is_not_doubled_and_only_staff_can_cancel_it(
    tara: ApiClient, ada: ApiClient, graded: str, database: Database
):
    for _ in range(2):
        tara.post(f"/submissions/{graded}/regrade")
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(GradingRun)) == 2
    answer = ada.post(f"/submissions/{graded}/cancel")
    assert (answer.status_code, code_of(answer)) == (409, "already-over")
    assert ada.get(f"/submissions/{graded}").get_json()["is_being_regraded"]
    said = tara.post(f"/submissions/{graded}/cancel").get_json()
    assert (said["state"], said["is_being_regraded"]) == ("graded", False)


def test_students_may_not_regrade(ada: ApiClient, client_of: ClientOf, world: World, graded: str):
    answer = ada.post(f"/submissions/{graded}/regrade")
    assert (answer.status_code, code_of(answer)) == (403, "insufficient-scope")
    assert answer.headers["WWW-Authenticate"].endswith('error="insufficient_scope", scope="staff"')
    answer = client_of(world.ada, Scope.STAFF).post(f"/submissions/{graded}/regrade")
    assert (answer.status_code, code_of(answer)) == (403, "not-allowed")
    assert client_of(world.ben, Scope.STAFF).post(f"/submissions/{graded}/regrade").status_code == 404


def test_a_token_of_staff_alone_does_not_hand_in(client_of: ClientOf, world: World):
    answer = client_of(world.tara, Scope.STAFF).hand_in()
    assert (answer.status_code, code_of(answer)) == (403, "insufficient-scope")
