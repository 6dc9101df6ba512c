"""Commits' statuses, held against what the hosts' APIs document: method, path, headers, fields, states."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import CommitState, CommitStatus, GradingRun, Push, RepositoryLink, RunReason, RunState
from grader.jobs.announcing import announce
from grader.outbound.client import Outbound, Request
from grader.outbound.places import parse
from grader.pushes import statuses
from grader.pushes.hosts import HOSTS
from grader.pushes.hosts.host import Report
from grader.pushes.links import HOST_GONE
from grader.pushes.reporting import REFUSED, Reporting
from grader.settings import Settings
from tests.integrations import SEALER, TOKEN, make_link, make_push
from tests.outbound.stand_in import Asked, StandIn, standing_in
from tests.people import World, make_run, make_submission
from tests.pushes.status_apis import APIS, COMMIT, check


@pytest.fixture
def api() -> Iterator[StandIn]:
    with standing_in() as api:
        api.answer = lambda asked: (201, {}, b"{}")
        yield api


class Scene:
    """A push of Ada's that was handed in, at a host of one kind, and the errand that reports of it."""

    def __init__(self, database: Database, world: World, api: StandIn, kind: str, **fields: Any):
        self.database = database
        hosts = ((kind, parse(fields.get("url", api.origin)).origin),)
        settings = Settings(public_url="https://grader.example.org", repository_hosts=hosts)
        self.outbound, self.settings = Outbound((api.origin,)), settings
        self.errand = Reporting(database, self.outbound, SEALER, settings)
        with database.writing() as session:
            usual = {"kind": kind, "url": f"{api.origin}/ada/nn", "token": TOKEN, "reports_status": True}
            link = make_link(session, world.unit, world.ada, **{**usual, **fields})
            submission = make_submission(session, world.unit, world.ada)
            self.public_id = submission.public_id
            push = make_push(session, link, "0", COMMIT, submission_id=submission.id)
            self.push_id = push.id
            make_run(session, submission, state=RunState.QUEUED)

    def tell(self, wanted: CommitState, description: str = "Something happened.") -> None:
        with self.database.writing() as session:
            statuses.tell(session, session.get_one(Push, self.push_id), wanted, description)

    def end_run(self, state: RunState, **fields: Any) -> None:
        with self.database.writing() as session:
            run = session.query(GradingRun).one()
            run.state, run.finished_at = state, now()
            for name, value in fields.items():
                setattr(run, name, value)
            announce(session, run)

    def status(self) -> CommitStatus:
        with self.database.reading() as session:
            return session.get_one(CommitStatus, self.push_id)

    def report(self) -> bool:
        act = self.errand.take()
        if act is not None:
            act()
        return act is not None


NewScene = Callable[..., Scene]


@pytest.fixture
def scene_of(database: Database, world: World, api: StandIn) -> NewScene:
    return lambda kind="github", **fields: Scene(database, world, api, kind, **fields)


@pytest.mark.parametrize("kind", APIS)
@pytest.mark.parametrize("state", CommitState)
def test_a_status_is_reported_as_the_host_documents_it(
    scene_of: NewScene, api: StandIn, kind: str, state: CommitState
):
    scene = scene_of(kind)
    scene.tell(state, "word " * 100)
    assert scene.report()
    (asked,) = api.asked
    said = check(kind, asked, state)
    assert said["target_url"].endswith(f"/submissions/{scene.public_id}")
    assert (scene.status().sent, scene.status().next_try_at) == (state, None)
    assert not scene.report()


def test_github_com_has_its_api_at_a_host_of_its_own():
    report = Report(
        "https://github.com", "ada/nn", COMMIT, CommitState.PENDING, "x", "https://x", "grader/nn"
    )
    request = HOSTS["github"].status_request(report, TOKEN)
    assert request.url == f"https://api.github.com/repos/ada/nn/statuses/{COMMIT}"


@pytest.mark.parametrize("kind", ["github", "gitlab", "gitea"])
def test_from_pending_to_the_end(scene_of: NewScene, api: StandIn, database: Database, kind: str):
    scene = scene_of(kind)
    with database.writing() as session:
        statuses.tell_of_hand_in(session, session.get_one(Push, scene.push_id))
    assert scene.report()
    scene.end_run(RunState.GRADED, score=7.0, max_score=10.0)
    assert scene.report()
    pending, failure = api.asked
    check(kind, pending, CommitState.PENDING)
    check(kind, failure, CommitState.FAILURE)


def test_full_points_are_a_success(scene_of: NewScene, api: StandIn):
    scene = scene_of()
    scene.end_run(RunState.GRADED, score=10.0, max_score=10.0)
    assert scene.report()
    check("github", api.asked[0], CommitState.SUCCESS)


def test_the_score_is_not_told_to_whoever_sees_the_commit(scene_of: NewScene, api: StandIn):
    scene = scene_of()
    scene.end_run(RunState.GRADED, score=7.25, max_score=10.0)
    assert scene.report()
    assert b"7.25" not in api.asked[0].body
    assert "7" not in json.loads(api.asked[0].body)["description"]


@pytest.mark.parametrize("state", [RunState.PROBLEM, RunState.CANCELLED, RunState.SUPERSEDED])
def test_without_a_grade_it_is_an_error(scene_of: NewScene, api: StandIn, state: RunState):
    scene = scene_of()
    scene.end_run(state, problem="a secret of ours")
    assert scene.report()
    said = check("github", api.asked[0], CommitState.ERROR)
    assert "secret" not in said["description"]


def test_a_regrade_that_stands_is_told_and_one_that_was_cancelled_is_not(
    scene_of: NewScene, api: StandIn, database: Database
):
    scene = scene_of()
    scene.end_run(RunState.GRADED, score=10.0, max_score=10.0)
    assert scene.report()
    with database.writing() as session:
        first = session.query(GradingRun).one()
        regrade = GradingRun(
            submission_id=first.submission_id,
            reason=RunReason.REGRADE,
            state=RunState.CANCELLED,
            stands=False,
            seed=2,
        )
        session.add(regrade)
        session.flush()
        announce(session, regrade)
    assert not scene.report()
    with database.writing() as session:
        first, regrade = session.query(GradingRun).order_by(GradingRun.id).all()
        first.stands = False
        session.flush()
        regrade.stands, regrade.state = True, RunState.GRADED
        regrade.score, regrade.max_score, regrade.finished_at = 5.0, 10.0, now()
        announce(session, regrade)
    assert scene.report()
    check("github", api.asked[-1], CommitState.FAILURE)


def test_only_the_newest_is_sent(scene_of: NewScene, api: StandIn):
    scene = scene_of()
    scene.tell(CommitState.PENDING)
    scene.tell(CommitState.SUCCESS)
    assert scene.report()
    assert not scene.report()
    (asked,) = api.asked
    check("github", asked, CommitState.SUCCESS)


def test_what_changes_while_it_is_sent_is_sent_after_it_and_never_before(scene_of: NewScene, api: StandIn):
    scene = scene_of()
    scene.tell(CommitState.PENDING)

    def meanwhile(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        api.answer = lambda asked: (201, {}, b"{}")
        scene.tell(CommitState.SUCCESS)
        assert scene.errand.take() is None, "one at a time"
        return 201, {}, b"{}"

    api.answer = meanwhile
    assert scene.report()
    assert scene.report()
    assert [json.loads(asked.body)["state"] for asked in api.asked] == ["pending", "success"]


@pytest.mark.parametrize("status", [*REFUSED, 302, 422, 500])
def test_a_host_that_refuses_is_tried_again_and_the_student_can_see_why(
    scene_of: NewScene, api: StandIn, status: int
):
    api.answer = lambda asked: (status, {"Location": "http://127.0.0.1/"}, b"no")
    scene = scene_of()
    scene.tell(CommitState.PENDING)
    assert scene.report()
    found = scene.status()
    assert found.last_error == REFUSED.get(status, f"The host answered {status}.")
    assert found.next_try_at is not None
    assert found.sent is None
    assert not scene.report()


def test_the_token_of_a_link_goes_to_its_own_host_only(scene_of: NewScene, api: StandIn):
    scene = scene_of(url="https://169.254.169.254/ada/nn")
    scene.tell(CommitState.PENDING)
    assert scene.report()
    assert api.asked == []
    assert scene.status().last_error


def test_a_host_that_is_not_listed_any_more_is_sent_no_token(scene_of: NewScene, api: StandIn):
    scene = scene_of()
    scene.tell(CommitState.SUCCESS)
    elsewhere = replace(scene.settings, repository_hosts=(("github", "https://github.com"),))
    act = Reporting(scene.database, scene.outbound, SEALER, elsewhere).take()
    assert act is not None
    act()
    assert api.asked == []
    assert scene.status().last_error == HOST_GONE


@pytest.mark.parametrize("fields", [{"token": None}, {"reports_status": False}], ids=str)
def test_who_did_not_ask_for_it_is_told_nothing(
    scene_of: NewScene, api: StandIn, database: Database, fields: dict[str, Any]
):
    scene = scene_of(**fields)
    scene.end_run(RunState.GRADED, score=1.0, max_score=1.0)
    assert not scene.report()
    with database.reading() as session:
        assert session.query(CommitStatus).count() == 0


def test_a_token_that_was_forgotten_meanwhile_is_not_used(
    scene_of: NewScene, api: StandIn, database: Database
):
    scene = scene_of()
    scene.tell(CommitState.PENDING)
    with database.writing() as session:
        session.query(RepositoryLink).one().token = None
    assert scene.report()
    assert api.asked == []


def test_tokens_are_not_readable_in_the_database(scene_of: NewScene, database: Database):
    scene_of()
    with database.reading() as session:
        link = session.query(RepositoryLink).one()
        assert TOKEN not in str(link.token)
        assert "whsec_" not in link.secret


def test_requests_never_carry_the_token_in_their_address():
    report = Report(
        "https://host.example", "ada/nn", COMMIT, CommitState.PENDING, "x", "https://x", "grader/nn"
    )
    for host in HOSTS.values():
        request: Request = host.status_request(report, TOKEN)
        assert TOKEN not in request.url
        assert TOKEN.encode() not in request.body
