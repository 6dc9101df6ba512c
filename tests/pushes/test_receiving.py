"""What hosts send: taken when it is signed and new, refused before anything is read when it is not."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from grader.db.database import Database
from grader.pushes.receiving import receive
from grader.sealing import Sealer
from tests.integrations import SEALER, SECRET, full, make_link
from tests.people import World
from tests.pushes.conftest import NewReceiver
from tests.pushes.events import HOSTS, Delivery, Pushed, github, gitlab, gitlab_signed, hex_hmac
from tests.pushes.receiver import PER_MINUTE

OTHER_SECRET = SECRET.replace("MDEy", "OTk5")


@pytest.mark.parametrize("host", HOSTS)
def test_a_signed_push_is_stored_and_answered_at_once(receiver_of: NewReceiver, host: str):
    kind, make = HOSTS[host]
    receiver = receiver_of(kind)
    reply = receiver.send(make(Pushed(before=full("a0"))))
    assert (reply.status, reply.result) == (202, "accepted")
    (push,) = receiver.pushes()
    assert (push.before, push.commit, push.state) == (full("a0"), full("a1"), "waiting")
    assert push.next_try_at is not None
    assert receiver.heard()


def _other_body(sent: Delivery) -> Delivery:
    return replace(sent, body=sent.body.replace(full("a1").encode(), full("ff").encode()))


def _cut_off(sent: Delivery) -> Delivery:
    return replace(sent, body=sent.body[:-1])


def _without_signature(sent: Delivery) -> Delivery:
    kept = {
        name: value
        for name, value in sent.headers.items()
        if "signature" not in name.lower() and name != "X-Gitlab-Token"
    }
    return replace(sent, headers=kept)


FORGERIES: dict[str, Callable[[Delivery], Delivery]] = {
    "another body": _other_body,
    "a body that was cut off": _cut_off,
    "no signature": _without_signature,
    "no body": lambda sent: replace(sent, body=b""),
}
BODY_IS_NOT_SIGNED = ("GitLab",)  # its token vouches for the sender only


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_push_is_refused_before_it_is_read(receiver_of: NewReceiver, host: str, forgery: str):
    kind, make = HOSTS[host]
    if host in BODY_IS_NOT_SIGNED and forgery != "no signature":
        return
    receiver = receiver_of(kind)
    reply = receiver.send(FORGERIES[forgery](make(Pushed())))
    assert (reply.status, reply.result) == (401, "not-signed")
    assert receiver.pushes() == []
    assert not receiver.heard()


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("secret", [OTHER_SECRET, "", "whsec_", SECRET.removeprefix("whsec_"), SECRET + "="])
def test_another_secret_is_refused(receiver_of: NewReceiver, host: str, secret: str):
    kind, make = HOSTS[host]
    if host == "GitLab, signing" and secret == SECRET.removeprefix("whsec_"):
        return  # the same key, written without its prefix
    receiver = receiver_of(kind)
    assert receiver.send(make(Pushed(secret=secret))).status == 401
    assert receiver.pushes() == []


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        "sha1={hex}",
        "{hex}",
        "sha256={HEX}",
        "sha256={hex}0",
        "sha256= {hex}",
        "sha256=\u00e9",
        "sha256={hex},sha256={hex}",
    ],
)
def test_a_signature_of_another_form_is_refused(receiver_of: NewReceiver, header: str):
    receiver = receiver_of("github")
    sent = github(Pushed())
    digest = hex_hmac(SECRET, sent.body)
    text = header.format(hex=digest, HEX=digest.upper())
    assert receiver.send(replace(sent, headers={**sent.headers, "X-Hub-Signature-256": text})).status == 401


@pytest.mark.parametrize(("age_s", "status"), [(600, 202), (-600, 202), (3600, 401), (-3600, 401)])
def test_a_signature_is_good_for_a_quarter_of_an_hour(receiver_of: NewReceiver, age_s: int, status: int):
    assert receiver_of("gitlab").send(gitlab_signed(Pushed(age_s=age_s))).status == status


def test_a_good_token_does_not_rescue_a_bad_signature(receiver_of: NewReceiver):
    sent = _other_body(gitlab_signed(Pushed()))
    with_token = replace(sent, headers={**sent.headers, "X-Gitlab-Token": SECRET})
    assert receiver_of("gitlab").send(with_token).status == 401


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("other", HOSTS)
def test_a_host_of_one_kind_can_not_speak_for_another(receiver_of: NewReceiver, host: str, other: str):
    """But Gitea, which also signs as GitHub does."""
    if HOSTS[host][0] == HOSTS[other][0]:
        return
    reply = receiver_of(HOSTS[host][0]).send(HOSTS[other][1](Pushed()))
    assert reply.status == (202 if (host, other) == ("GitHub", "Gitea") else 401)


def test_a_secret_sealed_under_another_key_lets_nobody_in(receiver_of: NewReceiver):
    kind, make = HOSTS["GitHub"]
    receiver = receiver_of(kind)
    headers, body = make(Pushed()).as_received
    reply = receive(
        receiver.database,
        Sealer("another key that is long enough"),
        PER_MINUTE,
        receiver.public_id,
        headers,
        body,
    )
    assert (reply.status, reply.result) == (401, "not-signed")
    assert "new one" in reply.text
    assert receiver.pushes() == []


def test_an_unknown_link_is_not_there(database: Database):
    headers, body = github(Pushed()).as_received
    assert receive(database, SEALER, PER_MINUTE, "nobody", headers, body).status == 404


@pytest.mark.parametrize("host", HOSTS)
def test_a_replayed_delivery_does_nothing(receiver_of: NewReceiver, host: str):
    kind, make = HOSTS[host]
    receiver = receiver_of(kind)
    receiver.send(make(Pushed()))
    reply = receiver.send(make(Pushed()))
    assert (reply.status, reply.result) == (200, "repeated")
    assert len(receiver.pushes()) == 1


@pytest.mark.parametrize("host", ["GitHub", "Gitea"])
def test_a_replay_under_a_fresh_delivery_id_does_nothing(receiver_of: NewReceiver, host: str):
    """The id is not signed; the body is, and it is remembered."""
    kind, make = HOSTS[host]
    receiver = receiver_of(kind)
    receiver.send(make(Pushed()))
    reply = receiver.send(make(Pushed(delivery="a-fresh-one")))
    assert (reply.status, reply.result) == (200, "repeated")
    assert len(receiver.pushes()) == 1


def test_the_same_delivery_to_another_link_is_another_one(database: Database, world: World):
    with database.writing() as session:
        links = [make_link(session, world.unit, user).public_id for user in (world.ada, world.ben)]
    headers, body = github(Pushed()).as_received
    assert [receive(database, SEALER, PER_MINUTE, link, headers, body).status for link in links] == [202, 202]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    "pushed",
    [
        Pushed(ref="refs/heads/feature"),
        Pushed(ref="refs/tags/main"),
        Pushed(ref="refs/heads/main/x"),
        Pushed(ref="main"),
        Pushed(after="0" * 40),
        Pushed(repository="ben/nn"),
        Pushed(repository="ada/nn/x"),
        Pushed(repository=""),
    ],
    ids=str,
)
def test_other_branches_tags_deletions_and_repositories_are_left_alone(
    receiver_of: NewReceiver, host: str, pushed: Pushed
):
    kind, make = HOSTS[host]
    receiver = receiver_of(kind)
    assert (receiver.send(make(pushed)).status, receiver.pushes()) == (200, [])


def test_the_branch_that_counts_is_the_repositorys_own(receiver_of: NewReceiver):
    pushed = Pushed(ref="refs/heads/trunk", default_branch="trunk", repository="ADA/nn")
    assert receiver_of("github").send(github(pushed)).status == 202


@pytest.mark.parametrize(
    "commit",
    [
        "",
        "a1",
        "--upload-pack=id",
        "refs/heads/main",
        "g" * 40,
        "A" * 40,
        "a" * 41,
        "a" * 64,
        f"{'a' * 40}\n",
    ],
)
def test_what_is_no_commit_is_refused(receiver_of: NewReceiver, commit: str):
    receiver = receiver_of("github")
    assert receiver.send(github(Pushed(after=commit))).status == 422
    assert receiver.send(github(Pushed(before=commit, delivery="another"))).status == 422
    assert receiver.pushes() == []


def signed(body: bytes, **headers: str) -> Delivery:
    usual = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "1"}
    return Delivery({**usual, "X-Hub-Signature-256": f"sha256={hex_hmac(SECRET, body)}", **headers}, body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload=%7B%7D",
        b"{",
        b"[]",
        b"null",
        b"1",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        json.dumps({"ref": 1, "before": 2, "after": 3, "repository": 4}).encode(),
        json.dumps(
            {"ref": [], "before": {}, "after": None, "repository": {"full_name": 1, "default_branch": 2}}
        ).encode(),
    ],
    ids=lambda body: str(body[:20]),
)
def test_what_is_no_push_event_is_refused_though_it_is_signed(receiver_of: NewReceiver, body: bytes):
    assert receiver_of("github").send(signed(body)).status == 422


def test_a_host_that_tries_us_out_is_answered(receiver_of: NewReceiver):
    receiver = receiver_of("github")
    reply = receiver.send(signed(b'{"zen": "Keep it simple"}', **{"X-GitHub-Event": "ping"}))
    assert (reply.status, reply.result) == (200, "ping")
    assert receiver.heard()
    assert receiver.pushes() == []


def test_other_events_are_left_alone(receiver_of: NewReceiver):
    reply = receiver_of("github").send(signed(b"{}", **{"X-GitHub-Event": "issues"}))
    assert (reply.status, reply.result) == (200, "ignored")


def test_a_delivery_without_an_id_is_refused(receiver_of: NewReceiver):
    sent = gitlab(Pushed())
    nameless = {
        name: value
        for name, value in sent.headers.items()
        if "UUID" not in name and name != "Idempotency-Key"
    }
    assert receiver_of("gitlab").send(replace(sent, headers=nameless)).status == 422
