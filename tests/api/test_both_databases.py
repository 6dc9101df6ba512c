"""A hand-in from upload to report on SQLite and on PostgreSQL: the API's queries mean the same on both."""

from collections.abc import Iterator

import pytest

from grader.db.database import Database, open_database
from grader.db.models import GradingRun, RunEvent, RunReport, RunState
from grader.jobs.engine import prepare_job_tables
from tests import cast
from tests.api.client import ApiClient
from tests.databases import NewUrl, database_kind, empty_url, migrated_url, postgresql
from tests.people import World

__all__ = ["database_kind", "empty_url", "migrated_url", "postgresql"]


@pytest.fixture
def database(migrated_url: NewUrl) -> Iterator[Database]:
    url = migrated_url()
    prepare_job_tables(url)
    opened = open_database(url)
    yield opened
    opened.close()


def test_from_upload_to_report(ada: ApiClient, tara: ApiClient, database: Database, world: World):
    answer = ada.hand_in(key="first")
    public_id = answer.get_json()["id"]
    assert ada.hand_in(key="second").status_code == 202  # takes the first one's place
    assert ada.get(f"/submissions/{public_id}").get_json()["state"] == "superseded"
    public_id = ada.get("/submissions?state=queued").get_json()["items"][0]["id"]
    assert ada.get(f"/submissions/{public_id}").get_json()["queue"]["position"] == 1

    with database.writing() as session:
        run = session.query(GradingRun).filter_by(state=RunState.QUEUED).one()
        run.state, run.fence = RunState.RUNNING, 1
        phase = {"name": "public", "title": "Public tests"}
        session.add(RunEvent(run_id=run.id, fence=1, number=1, kind="phase", data=phase))
    assert ada.get(f"/submissions/{public_id}").get_json()["progress"]["phase"] == phase

    with database.writing() as session:
        run = session.query(GradingRun).filter_by(state=RunState.RUNNING).one()
        run.state, run.score, run.max_score = RunState.GRADED, 100.0, 100.0
        session.add(RunReport(run_id=run.id, report=cast.reference().to_json()))
    events = ada.get(f"/submissions/{public_id}/events").text
    assert 'event: result\ndata: {"state": "graded", "score": 100.0' in events
    assert ada.get(f"/submissions/{public_id}/report").get_json()["score"] == 100

    assert tara.post(f"/submissions/{public_id}/regrade").get_json()["is_being_regraded"] is True
    (newest, older) = tara.get("/submissions?course=dl&user=ada@example.org").get_json()["items"]
    assert (newest["id"], newest["is_being_regraded"], older["state"]) == (public_id, True, "superseded")
    page = tara.get("/submissions?course=dl&limit=1").get_json()
    rest = tara.get(page["next"].removeprefix("https://grader.example.org/api/v1")).get_json()
    assert [item["id"] for item in rest["items"]] == [older["id"]]
    assert tara.post(f"/submissions/{public_id}/cancel").get_json()["is_being_regraded"] is False
    assert ada.get("/courses/dl/units").get_json()["items"][0]["attempts_used"] == 1
