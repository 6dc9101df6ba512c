"""The whole way of a push, on both databases: told, fetched, handed in, graded, and its status told back."""

import json
from dataclasses import replace

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import GradingRun, RepositoryLink, RunState, Submission
from grader.jobs.announcing import announce
from grader.outbound.client import Outbound
from grader.pushes.handing_in import HandingIn
from grader.pushes.links import set_token
from grader.pushes.receiving import receive
from grader.pushes.reporting import Reporting
from grader.settings import Settings
from tests.databases import database, database_kind, empty_url, migrated_url, postgresql
from tests.integrations import SEALER, TOKEN
from tests.outbound.stand_in import StandIn, standing_in
from tests.pushes.events import Pushed, github
from tests.pushes.git_host import Repository
from tests.web.conftest import WaitingQueue

# Its own: those of the folder are on SQLite.
__all__ = ["database", "database_kind", "empty_url", "migrated_url", "postgresql"]


def send(database: Database, link: RepositoryLink, pushed: Pushed) -> str:
    headers, body = github(pushed).as_received
    return receive(database, SEALER, 10, link.public_id, headers, body).result


def test_from_a_push_to_its_commits_status(
    database: Database, link: RepositoryLink, repository: Repository, outbound: Outbound, settings: Settings
):
    with database.writing() as session:
        found = session.get_one(RepositoryLink, link.id)
        set_token(session, SEALER, found, TOKEN, reports_status=True)
    first = repository.commit({"notes.md": b"one"})
    second = repository.commit({"notes.md": b"two"}, parent=first)
    handing_in = HandingIn(database, WaitingQueue(), outbound, SEALER, settings)
    newer = Pushed(before=first, after=second, delivery="2")
    older = Pushed(after=first, delivery="1")
    results = [send(database, link, pushed) for pushed in (newer, newer, older)]
    assert results == ["accepted", "repeated", "accepted"]
    while (act := handing_in.take()) is not None:
        act()
    with database.writing() as session:
        submission = session.query(Submission).one()
        assert submission.filename == f"commit-{second[:12]}.zip"
        run = session.query(GradingRun).one()
        run.state, run.score, run.max_score, run.finished_at = RunState.GRADED, 10.0, 10.0, now()
        announce(session, run)
    with standing_in() as api:
        tell(database, api, settings)
        told = [(asked.path.rpartition("/")[2], json.loads(asked.body)["state"]) for asked in api.asked]
    assert told == [(second, "success")]


def tell(database: Database, api: StandIn, settings: Settings) -> None:
    """Report what is due to the stand-in for the host's API."""
    with database.writing() as session:
        session.query(RepositoryLink).one().url = f"{api.origin}/ada/nn"
    there = replace(settings, repository_hosts=(("github", api.origin),))
    reporting = Reporting(database, Outbound((api.origin,)), SEALER, there)
    while (act := reporting.take()) is not None:
        act()
