"""Clients that begin a request and do not go on hold no thread for long, and honest slow ones are served."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.jobs.workers import wait_until
from tests.service.serving import Serving, serving

HEAD = b"POST /sign-in HTTP/1.1\r\nHost: grader\r\nContent-Length: 9\r\n"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A web server with two threads."""
    folder = tmp_path_factory.mktemp("slow")
    with serving(folder, "--no-worker", web_threads=1, git_at_once=1) as started:
        wait_until(lambda: started.get("/healthz")[0] == 200, "the web server answers")
        yield started


def connected(web: Serving) -> socket.socket:
    where = urlsplit(web.address)
    return socket.create_connection((where.hostname or "", where.port or 0), timeout=60)


@pytest.mark.parametrize("beginning", [HEAD, HEAD + b"\r\nemail="], ids=["head", "body"])
def test_a_request_that_does_not_go_on_is_given_up(web: Serving, beginning: bytes):
    stalled = [connected(web) for _ in range(2)]
    for connection in stalled:
        connection.sendall(beginning)
    wait_until(lambda: web.get("/healthz")[0] == 200, "its threads are free again")
    for connection in stalled:
        connection.close()


def test_a_request_in_pieces_is_answered(web: Serving):
    with connected(web) as connection:
        for piece in (b"GET /healthz HT", b"TP/1.1\r\nHost: grader\r\n", b"Connection: close\r\n", b"\r\n"):
            connection.sendall(piece)
        answer = b""
        while part := connection.recv(4096):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200")
    assert "Traceback" not in web.log
