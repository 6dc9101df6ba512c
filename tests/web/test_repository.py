"""Linking a repository elsewhere: which addresses are taken, secrets shown once, tokens kept sealed."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import CommitState, CommitStatus, Push, PushState, RepositoryLink, Submission
from grader.errors import UsageError
from grader.pushes.links import SECRET_PURPOSE, TOKEN_PURPOSE, read_repository
from grader.sealing import sealer_of
from grader.settings import Settings
from tests.integrations import make_push
from tests.people import World, make_submission
from tests.pushes.events import Pushed, github, hex_hmac
from tests.web.conftest import ClientOf

PATH = "/courses/dl/nn/repository"
ADDRESS = "https://github.com/ada/nn"
HOSTS = Settings().repository_hosts


@pytest.fixture(scope="session")
def database_kind() -> str:
    return "sqlite"  # no query of these pages depends on it


@pytest.fixture
def ada(client_of: ClientOf, world: World) -> FlaskClient:
    return client_of(world.ada)


def link_of(database: Database) -> RepositoryLink:
    with database.reading() as session:
        return session.query(RepositoryLink).one()


@pytest.mark.parametrize(
    ("text", "kind", "url"),
    [
        (ADDRESS, "github", ADDRESS),
        (" https://github.com/ada/nn.git ", "github", ADDRESS),
        ("https://GitHub.com/ada/nn/", "github", ADDRESS),
        ("git@github.com:ada/nn.git", "github", ADDRESS),
        ("ssh://git@github.com/ada/nn", "github", ADDRESS),
        ("https://gitlab.com/course/2026/ada/nn", "gitlab", "https://gitlab.com/course/2026/ada/nn"),
        ("https://codeberg.org/ada/nn-1.0_x", "gitea", "https://codeberg.org/ada/nn-1.0_x"),
    ],
)
def test_addresses_of_repositories_are_read(text: str, kind: str, url: str):
    assert read_repository(text, HOSTS) == (kind, url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "github.com/ada/nn",
        "http://github.com/ada/nn",
        "https://github.com/ada",
        "https://github.com/",
        "https://evil.example/ada/nn",
        "https://github.com.evil.example/ada/nn",
        "https://github.com@evil.example/ada/nn",
        "https://github.com:8443/ada/nn",
        "https://github.com./ada/nn",
        "https://127.0.0.1/ada/nn",
        "https://github.com/../nn",
        "https://github.com/ada/..",
        "https://github.com/ada/.git",
        "https://github.com/ada/nn?x=1",
        "https://github.com/ada/nn%2f..%2f",
        "https://github.com/ada/--upload-pack=id;x",
        "git@127.0.0.1:ada/nn",
        "ssh://git@evil.example/ada/nn",
        "ext::sh -c id",
        "file:///etc",
        "--upload-pack=id",
        "/ada/nn",
    ],
)
def test_other_addresses_are_refused(ada: FlaskClient, database: Database, text: str):
    with pytest.raises(UsageError):
        read_repository(text, HOSTS)
    answer = ada.post(PATH, data={"url": text})
    assert answer.status_code == 422
    assert "https://github.com/ada/nn" in answer.text
    with database.reading() as session:
        assert session.query(RepositoryLink).count() == 0


def test_a_link_shows_its_secret_once_and_the_address_always(
    ada: FlaskClient, database: Database, settings: Settings
):
    answer = ada.post(PATH, data={"url": ADDRESS})
    assert answer.status_code == 201
    link = link_of(database)
    secret = sealer_of(settings).open(link.secret, SECRET_PURPOSE)
    assert secret in answer.text.replace("&#43;", "+")
    page = ada.get(PATH).text
    assert secret not in page
    assert f"{settings.public_url}/hooks/{link.public_id}" in page
    assert "has not called yet" in page


def test_what_the_host_then_sends_is_taken(
    ada: FlaskClient, client_of: ClientOf, database: Database, settings: Settings
):
    ada.post(PATH, data={"url": ADDRESS})
    link = link_of(database)
    secret = sealer_of(settings).open(link.secret, SECRET_PURPOSE)
    sent = github(Pushed(secret=secret))
    hook = f"/hooks/{link.public_id}"
    answer = client_of(None).post(hook, data=sent.body, headers=sent.headers)
    assert (answer.status_code, answer.get_json()["result"]) == (202, "accepted")
    assert "is being fetched" in ada.get(PATH).text
    repeated = client_of(None).post(hook, data=sent.body, headers=sent.headers)
    assert (repeated.status_code, repeated.get_json()["result"]) == (200, "repeated")
    assert client_of(None).post(hook, data=sent.body + b" ", headers=sent.headers).status_code == 401
    assert client_of(None).post("/hooks/nobody", data=sent.body, headers=sent.headers).status_code == 404


def test_a_push_that_is_sent_as_a_form_is_told_what_is_wrong(
    ada: FlaskClient, client_of: ClientOf, database: Database, settings: Settings
):
    """The signature is over the body as it was sent, so nobody may have read it as a form."""
    ada.post(PATH, data={"url": ADDRESS})
    link = link_of(database)
    secret, body = sealer_of(settings).open(link.secret, SECRET_PURPOSE), b"payload=%7B%7D"
    headers = {
        **github(Pushed()).headers,
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Hub-Signature-256": f"sha256={hex_hmac(secret, body)}",
    }
    answer = client_of(None).post(f"/hooks/{link.public_id}", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()["result"]) == (422, "malformed")


def test_a_body_without_end_is_refused(ada: FlaskClient, client_of: ClientOf, database: Database):
    ada.post(PATH, data={"url": ADDRESS})
    hook = f"/hooks/{link_of(database).public_id}"
    assert client_of(None).post(hook, data=b"x" * 9_000_000).status_code == 413


def test_a_new_secret_makes_the_old_one_worthless(ada: FlaskClient, database: Database, settings: Settings):
    ada.post(PATH, data={"url": ADDRESS})
    before = link_of(database).secret
    assert ada.post(f"{PATH}/secret").status_code == 201
    sealer = sealer_of(settings)
    after = link_of(database).secret
    assert sealer.open(before, SECRET_PURPOSE) != sealer.open(after, SECRET_PURPOSE)


def test_a_token_is_kept_sealed_and_never_shown(ada: FlaskClient, database: Database, settings: Settings):
    ada.post(PATH, data={"url": ADDRESS})
    ada.post(f"{PATH}/token", data={"token": " github_pat_123 ", "reports": "on"})
    link = link_of(database)
    assert link.token is not None
    assert "github_pat_123" not in link.token
    assert sealer_of(settings).open(link.token, TOKEN_PURPOSE) == "github_pat_123"
    assert link.reports_status
    page = ada.get(PATH).text
    assert "A token is kept, and statuses are reported" in page
    assert "github_pat" not in page
    ada.post(f"{PATH}/token", data={"token": "", "reports": "on"})
    assert (link_of(database).token, link_of(database).reports_status) == (None, False)


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "é", "x" * 501])
def test_what_is_no_token_is_refused(ada: FlaskClient, database: Database, token: str):
    ada.post(PATH, data={"url": ADDRESS})
    answer = ada.post(f"{PATH}/token", data={"token": token})
    assert answer.status_code == 422
    assert link_of(database).token is None


def test_another_repository_takes_the_place_of_the_first(ada: FlaskClient, database: Database):
    ada.post(PATH, data={"url": ADDRESS})
    first = link_of(database).public_id
    ada.post(PATH, data={"url": "https://gitlab.com/ada/nn"})
    link = link_of(database)
    assert (link.kind, link.url) == ("gitlab", "https://gitlab.com/ada/nn")
    assert link.public_id != first


def test_each_push_says_what_became_of_it(ada: FlaskClient, database: Database, world: World):
    ada.post(PATH, data={"url": ADDRESS})
    with database.writing() as session:
        link = session.query(RepositoryLink).one()
        submission = make_submission(session, world.unit, world.ada)
        done = make_push(session, link, "0", "a1", state=PushState.HANDED_IN, submission_id=submission.id)
        make_push(session, link, "a1", "a2", state=PushState.REFUSED, text="<b>x.so</b> is not taken.")
        make_push(session, link, "a2", "a3", last_error="git fetch failed: no route")
        session.add(
            CommitStatus(
                push_id=done.id,
                wanted=CommitState.PENDING,
                description="x",
                last_error="The host answered 500.",
                next_try_at=now(),
            )
        )
    page = ada.get(PATH).text
    for text in ("attempt 1", "&lt;b&gt;x.so", "git fetch failed: no route", "The host answered 500."):
        assert text in page
    assert len(re.findall(r"<code>a\d0{10}</code>", page)) == 3


def test_unlinking_keeps_what_was_handed_in(ada: FlaskClient, database: Database, world: World):
    ada.post(PATH, data={"url": ADDRESS})
    with database.writing() as session:
        submission = make_submission(session, world.unit, world.ada)
        link = session.query(RepositoryLink).one()
        make_push(session, link, "0", "a1", state=PushState.HANDED_IN, submission_id=submission.id)
    assert ada.post(f"{PATH}/remove", follow_redirects=True).status_code == 200
    with database.reading() as session:
        assert session.query(RepositoryLink).count() == session.query(Push).count() == 0
        assert session.query(Submission).count() == 1


def test_the_unit_s_page_leads_there(ada: FlaskClient):
    assert f'href="{PATH}"' in ada.get("/courses/dl/nn/").text
