"""Requests as git never makes them: other protocols, other addresses, damaged and compressed bodies."""

import gzip
import socket
import threading

import requests

from grader.git.pkt_lines import FLUSH, pkt_line
from tests.git.client import Workplace
from tests.git.site import Site
from tests.jobs.workers import wait_until
from tests.people import World

REPOSITORY = "/git/dl/nn/ada@example.org.git"
NOT_THERE = [
    "/HEAD",
    "/config",
    "/objects/info/packs",
    "/objects/info/alternates",
    "/objects/pack/pack-" + "0" * 40 + ".pack",
    "/info/lfs/objects/batch",
    "/git-upload-archive",
    "/push-lock",
    "",
    "/",
    "/../../../../grader.sqlite",
    "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/grader.sqlite",
    "/..%2f..%2fben@example.org.git/info/refs?service=git-upload-pack",
    "/info/refs/../../config",
    "/info//refs?service=git-upload-pack",
    "/info/refs%00?service=git-upload-pack",
]
FOREIGN = [
    "/git/dl/nn/..%2fnn%2fada@example.org.git/info/refs?service=git-upload-pack",
    "/git/dl/../stats/nn/ada@example.org.git/info/refs?service=git-upload-pack",
    "/git/dl/nn/.incoming.git/info/refs?service=git-upload-pack",
    "/git/.incoming/nn/ada@example.org.git/info/refs?service=git-upload-pack",
    "/git/stats/nn/ada@example.org.git/info/refs?service=git-upload-pack",
    "/git/dl/other/ada@example.org.git/info/refs?service=git-upload-pack",
    "/git/DL/nn/ada@example.org.git/info/refs?service=git-upload-pack",
    "/git/dl/nn/%2e%2e.git/info/refs?service=git-upload-pack",
]


def raw(site: Site, workplace: Workplace, path: str, method: str = "GET") -> int:
    """Ask for exactly this path, which clients would put in order first; return the status."""
    prepared = requests.Request("GET", workplace.address, auth=workplace.credentials()).prepare()
    token = prepared.headers["Authorization"]
    host, _, port = site.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = f"{method} {path} HTTP/1.0\r\nHost: {site.host}\r\nAuthorization: {token}\r\n\r\n"
        connection.sendall(head.encode())
        return int(connection.makefile("rb").readline().split()[1])


def test_only_three_addresses_are_there(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    found = {path: raw(site, ada, REPOSITORY + path) for path in NOT_THERE}
    assert {path: status for path, status in found.items() if status not in (400, 404)} == {}


def test_other_places_are_not_there(site: Site, world: World, ada: Workplace):
    ada.commit()
    ada.push()
    found = {path: raw(site, ada, path) for path in FOREIGN}
    assert {path: status for path, status in found.items() if status != 404} == {}


def test_the_older_protocol_is_not_spoken(site: Site, world: World, ada: Workplace):
    for query in ("", "?service=", "?service=git-shell", "?service=git-upload-pack&x=1", "?x=1"):
        answer = requests.get(f"{ada.address}/info/refs{query}", timeout=30)
        assert answer.status_code == 400
        assert "smart HTTP" in answer.text


def test_other_methods(site: Site, world: World, ada: Workplace):
    for method in ("PUT", "DELETE", "PROPFIND", "MKCOL"):
        answer = requests.request(method, f"{ada.address}/info/refs", timeout=30)
        assert answer.status_code in (404, 405)
    assert site.repository(world.ada).exists is False


def test_git_does_not_go_on_after_a_request_for_headers_only(site: Site, world: World, ada: Workplace):
    """Flask answers HEAD wherever it answers GET, and begins no answer."""
    for service in ("git-upload-pack", "git-receive-pack"):
        answer = requests.head(f"{ada.address}/info/refs?service={service}", timeout=30)
        assert answer.headers["Content-Type"] == f"application/x-{service}-advertisement"
    wait_until(lambda: site.places_taken() == 0, "the requests are over")
    wait_until(lambda: not watchdogs(), "nothing waits for git")


def watchdogs() -> list[threading.Thread]:
    """The threads that end what takes too long."""
    return [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


BODIES = {
    "nothing": b"",
    "text": b"Please hand in my work.",
    "no hexadecimal": b"zzzz",
    "negative": b"-001",
    "cut off": b"00ff" + b"0" * 20,
    "too short a length": b"0002",
    "no command": pkt_line(b"hello") + FLUSH,
    "shallow, somehow": pkt_line(b"shallow " + b"a" * 39) + FLUSH,
    "smuggled": pkt_line(
        b"0" * 40 + b" " + b"a" * 40 + b" refs/heads/x\r" + b"0" * 40 + b" " + b"b" * 40 + b" refs/heads/main"
    )
    + FLUSH
    + b"PACK" * 3,
    "a space": pkt_line(b"0" * 40 + b" " + b"a" * 40 + b" refs/heads/a b") + FLUSH + b"PACK" * 3,
    "signed": pkt_line(b"push-cert\0 report-status") + FLUSH,
    "no pack": pkt_line(b"0" * 40 + b" " + b"a" * 40 + b" refs/heads/main\0 report-status") + FLUSH,
    "not a pack": pkt_line(b"0" * 40 + b" " + b"a" * 40 + b" refs/heads/main") + FLUSH + b"KCAP" * 9,
    "many commands": b"".join(
        pkt_line(b"0" * 40 + b" " + b"a" * 40 + b" refs/heads/%d" % number) for number in range(2000)
    ),
}


def test_what_is_no_push_is_refused(site: Site, world: World, ada: Workplace):
    answers = {what: site.post(ada, body).status_code for what, body in BODIES.items()}
    assert answers == dict.fromkeys(BODIES, 400)
    assert site.references(world.ada) == {}


def test_a_pack_that_lies_is_refused_by_git(site: Site, world: World, ada: Workplace):
    command = b"0" * 40 + b" " + b"a" * 40 + b" refs/heads/main\0report-status side-band-64k"
    for pack in (b"PACK" + b"\0\0\0\2" + b"\0\0\0\1" + b"\xff" * 100, b"PACK" + b"\0\0\0\2" + b"\0" * 24):
        answer = site.post(ada, pkt_line(command) + FLUSH + pack)
        assert answer.status_code == 200
        assert "ng refs/heads/main" in answer.text
    assert site.references(world.ada) == {}
    assert site.submissions(world.ada) == []


def test_the_kind_of_body_must_be_said(site: Site, world: World, ada: Workplace):
    assert site.post(ada, b"0000", Content_Type="text/plain").status_code == 400
    with_more = "application/x-git-{}-request; charset=utf-8"
    assert site.post(ada, b"0000", Content_Type=with_more.format("receive-pack")).status_code == 400
    fetched = site.post(ada, b"0000", "git-upload-pack", Content_Type=with_more.format("upload-pack"))
    assert fetched.status_code == 400
    assert site.post(ada, b"0000").status_code == 200


def test_compressed_bodies_are_unpacked(site: Site, world: World, ada: Workplace):
    commit = ada.commit()
    body = site.push_body(ada, ("0" * 40, commit, "refs/heads/main"))
    answer = site.post(ada, gzip.compress(body), Content_Encoding="gzip")
    assert "Handed in as number 1" in answer.text
    assert site.head(world.ada) == commit


def test_compressed_bodies_that_do_not_end_well(site: Site, world: World, ada: Workplace):
    whole = gzip.compress(FLUSH)
    for body in (whole[:-6], whole + b"more", b"\x1f\x8b" + b"\xff" * 50, b"plain"):
        assert site.post(ada, body, Content_Encoding="gzip").status_code == 400
    assert site.post(ada, FLUSH, Content_Encoding="br").status_code == 415


def test_a_bomb_of_compression_is_thrown_away(site: Site, world: World, ada: Workplace):
    site.set_limits(push_bytes=100_000, discarded_bytes=1_000_000)
    bomb = gzip.compress(bytes(20_000_000))
    assert site.post(ada, bomb, Content_Encoding="gzip").status_code == 413
    small = gzip.compress(b"0000PACK" + bytes(500_000))
    assert site.post(ada, small, Content_Encoding="gzip").status_code == 413, "it is not even unpacked"
    assert site.post(ada, b"0000PACK" + bytes(500_000)).status_code == 200, "what is sent as it is, is read"
    assert site.post(ada, bomb, "git-upload-pack", Content_Encoding="gzip").status_code == 413


def test_a_body_that_breaks_off_changes_nothing(site: Site, world: World, ada: Workplace):
    commit = ada.commit()
    body = site.push_body(ada, ("0" * 40, commit, "refs/heads/main"))
    site.break_off(ada, body[:-30], len(body))
    assert site.post(ada, body[:-30]).status_code == 200, "git itself refuses a pack that is cut off"
    assert site.references(world.ada) == {}
    assert site.submissions(world.ada) == []


def test_clients_of_long_ago_are_answered(site: Site, world: World, ada: Workplace):
    """Without side bands there is nothing to show lines in."""
    commit = ada.commit()
    body = site.push_body(ada, ("0" * 40, commit, "refs/heads/main"), capabilities=b"report-status")
    answer = site.post(ada, body)
    assert answer.text == "000eunpack ok\n0017ok refs/heads/main\n0000"
    site.set_limits(commands=0)
    body = site.push_body(ada, (commit, commit, "refs/heads/main"), capabilities=b"report-status")
    assert "ng refs/heads/main not accepted" in site.post(ada, body).text
