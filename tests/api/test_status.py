"""GET /submissions/ID: how a submission stands, from queued to graded."""

from datetime import UTC, datetime, timedelta

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import GradingRun, RunEvent, RunReason, RunState, Worker
from grader.grades import releasing
from tests import cast
from tests.api.client import ApiClient, code_of
from tests.api.conftest import ClientOf
from tests.people import World, make_run, make_submission


def submit(database: Database, world: World, **run: object) -> str:
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        make_run(session, submission, **run)
        return submission.public_id


def test_a_waiting_submission_says_its_place(ada: ApiClient, world: World, database: Database):
    submit(database, world, state=RunState.QUEUED)
    said = ada.get(f"/submissions/{submit(database, world, state=RunState.QUEUED)}").get_json()
    assert (said["state"], said["score"], said["progress"]) == ("queued", None, None)
    assert said["queue"] == {"position": 2, "expected_start_s": None}


def test_with_a_worker_it_says_when_it_begins(ada: ApiClient, world: World, database: Database):
    at = now()
    submit(database, world, started_at=at - timedelta(seconds=20), finished_at=at)
    with database.writing() as session:
        session.add(Worker(id="w", host="h", pid=1, process="w", slots=1, sandbox="docker"))
    first, second = (submit(database, world, state=RunState.QUEUED) for _ in range(2))
    assert ada.get(f"/submissions/{first}").get_json()["queue"]["expected_start_s"] == 0
    assert ada.get(f"/submissions/{second}").get_json()["queue"]["expected_start_s"] == 20


def test_a_running_submission_says_how_far_it_is(ada: ApiClient, world: World, database: Database):
    public_id = submit(database, world, state=RunState.RUNNING)
    progress = ada.get(f"/submissions/{public_id}").get_json()["progress"]
    assert progress == {"phase": None, "tests_done": 0, "tests_total": 0}
    with database.writing() as session:
        run = session.query(GradingRun).one()
        for number, kind, data in (
            (1, "phase", {"name": "public", "title": "Public tests"}),
            (2, "test", {"result": {}, "done": 1, "total": 24}),
            (3, "test", {"result": {}, "done": 2, "total": 24}),
        ):
            session.add(RunEvent(run_id=run.id, fence=1, number=number, kind=kind, data=data))
        session.add(RunEvent(run_id=run.id, fence=0, number=9, kind="phase", data={"title": "of a dead try"}))
    progress = ada.get(f"/submissions/{public_id}").get_json()["progress"]
    phase = {"name": "public", "title": "Public tests"}
    assert progress == {"phase": phase, "tests_done": 2, "tests_total": 24}


def test_a_graded_submission_says_its_score(ada: ApiClient, world: World, database: Database):
    result = cast.half_done()
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada, filename="mine.zip")
        make_run(session, submission, result)
    said = ada.get(f"/submissions/{submission.public_id}").get_json()
    assert (said["state"], said["score"], said["max_score"]) == ("graded", result.score, 100)
    assert (said["queue"], said["progress"], said["is_being_regraded"]) == (None, None, False)
    assert said["user"] == {"name": "Ada Byron", "email": "ada@example.org"}
    assert said["filename"] == "mine.zip"
    assert said["finished_at"].endswith("Z")


def test_a_problem_of_ours_has_no_score(ada: ApiClient, world: World, database: Database):
    said = ada.get(f"/submissions/{submit(database, world, state=RunState.PROBLEM)}").get_json()
    assert (said["state"], said["score"]) == ("problem", None)


def test_while_it_is_regraded_the_result_before_stands(ada: ApiClient, world: World, database: Database):
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        run = make_run(session, submission)
        make_run(session, submission, state=RunState.RUNNING, stands=False, reason=RunReason.REGRADE)
    said = ada.get(f"/submissions/{submission.public_id}").get_json()
    assert (said["state"], said["score"], said["is_being_regraded"]) == ("graded", run.score, True)
    assert said["progress"] is not None


def test_nobody_else_may_know_of_it(client_of: ClientOf, world: World, database: Database):
    public_id = submit(database, world)
    for person in (world.ben, world.cora, world.olaf, world.tara, world.abe):
        answer = client_of(person).get(f"/submissions/{public_id}")
        assert (answer.status_code, code_of(answer)) == (404, "not-found"), person.name


def test_staff_may_with_the_scope(tara: ApiClient, world: World, database: Database):
    assert tara.get(f"/submissions/{submit(database, world)}").status_code == 200


def test_what_is_no_id_does_not_exist(ada: ApiClient):
    for name in ("0", "A" * 12, "x" * 500, "abc%00defghjk", "%F0%9F%98%80", "..", "' OR 1=1"):
        answer = ada.get(f"/submissions/{name}")
        assert answer.status_code == 404, name


def test_when_it_was_graded_is_told_to_the_minute_and_not_while_grades_are_withheld(
    ada: ApiClient, world: World, database: Database
):
    at = datetime(2026, 11, 20, 17, 4, 59, 999_000, tzinfo=UTC)
    path = f"/submissions/{submit(database, world, started_at=at, finished_at=at + timedelta(seconds=20))}"

    def told() -> list[tuple[str | None, str | None]]:
        items = [ada.get(path).get_json(), *ada.get("/submissions").get_json()["items"]]
        return [(item["started_at"], item["finished_at"]) for item in items]

    assert told() == [("2026-11-20T17:04:00.000Z", "2026-11-20T17:05:00.000Z")] * 2
    with database.writing() as session:
        releasing.withhold(session, world.unit.id, world.ines)
    assert told() == [(None, None)] * 2
