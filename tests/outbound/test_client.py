"""Requests that go out: to the address that was judged and to no other, without redirects, within bounds."""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import OutboundError, OutboundRefused
from grader.outbound import client
from grader.outbound.client import MAX_ANSWER_BYTES, Answer, Outbound, Request
from tests.outbound.stand_in import HOST, PUBLIC, Certificate, Network, StandIn, make_certificate, standing_in

ASKED = Request("POST", f"https://{HOST}/in?x=1", {"Content-Type": "application/json"}, b'{"a": 1}')


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server(certificate: Certificate) -> Iterator[StandIn]:
    with standing_in(certificate.server) as server:
        yield server


@pytest.fixture
def network(server: StandIn) -> Network:
    return Network(server.port)


def test_a_request_arrives_as_it_was_meant(server: StandIn, network: Network, certificate: Certificate):
    answer = network.outbound(certificate.client).send(ASKED)
    assert answer == Answer(200, "thank you")
    assert answer.is_success
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/in?x=1", b'{"a": 1}')
    assert asked.headers == {
        "host": HOST,
        "user-agent": "grader",
        "accept-encoding": "identity",
        "connection": "close",
        "content-type": "application/json",
        "content-length": "8",
    }
    assert network.connected == [(PUBLIC, 443)]


def test_a_name_is_resolved_once_and_the_address_that_was_judged_is_the_one_asked(
    server: StandIn, network: Network, certificate: Certificate
):
    """Rebinding: the second look-up would lead to loopback, but there is none."""
    network.found = [[PUBLIC], ["127.0.0.1"]]
    network.outbound(certificate.client).send(ASKED)
    assert network.looked_up == [HOST]
    assert network.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["169.254.169.254"], [PUBLIC, "10.0.0.1"], ["::ffff:127.0.0.1"]]
)
def test_a_name_that_leads_inside_is_not_connected_to(
    server: StandIn, network: Network, certificate: Certificate, found: list[str]
):
    network.found = [found]
    with pytest.raises(OutboundRefused):
        network.outbound(certificate.client).send(ASKED)
    assert network.connected == server.asked == []


def test_each_request_is_judged_anew(server: StandIn, network: Network, certificate: Certificate):
    network.found = [[PUBLIC], ["127.0.0.1"]]
    outbound = network.outbound(certificate.client)
    outbound.send(ASKED)
    with pytest.raises(OutboundRefused):
        outbound.send(ASKED)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["http://127.0.0.1/", f"https://{HOST}/other", "//169.254.169.254/", "/other"])
def test_no_redirect_is_followed(
    server: StandIn, network: Network, certificate: Certificate, status: int, to: str
):
    server.answer = lambda asked: (status, {"Location": to}, b"")
    answer = network.outbound(certificate.client).send(ASKED)
    assert (answer.status, answer.is_success) == (status, False)
    assert len(server.asked) == len(network.connected) == 1


def test_proxies_of_the_environment_are_not_used(
    server: StandIn, network: Network, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
):
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert network.outbound(certificate.client).send(ASKED).status == 200


def test_a_certificate_of_another_name_is_refused(network: Network, tmp_path: Path):
    other = make_certificate(tmp_path, "other.example.org")
    with standing_in(other.server) as server:
        network.port = server.port
        with pytest.raises(OutboundError, match="certificate is not valid"):
            network.outbound(other.client).send(ASKED)
        assert server.asked == []


def test_a_certificate_that_nobody_vouches_for_is_refused(server: StandIn, network: Network):
    with pytest.raises(OutboundError, match="certificate is not valid"):
        network.outbound(ssl.create_default_context()).send(ASKED)
    assert server.asked == []


def test_of_a_long_answer_only_the_beginning_is_read(
    server: StandIn, network: Network, certificate: Certificate
):
    server.answer = lambda asked: (200, {}, b"x" * 10_000)
    assert network.outbound(certificate.client).send(ASKED).body == "x" * MAX_ANSWER_BYTES


def test_an_answer_need_not_be_text(server: StandIn, network: Network, certificate: Certificate):
    server.answer = lambda asked: (500, {}, b"\xff\x00\xfe")
    answer = network.outbound(certificate.client).send(ASKED)
    assert (answer.status, answer.body) == (500, "\ufffd\x00\ufffd")


def test_headers_can_not_be_smuggled_in(server: StandIn, network: Network, certificate: Certificate):
    smuggling = Request("POST", ASKED.url, {"X-A": "1\r\nX-B: 2"}, b"")
    with pytest.raises(OutboundError):
        network.outbound(certificate.client).send(smuggling)
    assert server.asked == []


def test_an_address_that_does_not_answer_leads_to_the_next(
    server: StandIn, network: Network, certificate: Certificate
):
    network.found = [["2606:2800:220:1::1", PUBLIC]]
    connect = network.open_socket

    def open_socket(address: tuple[str, int], timeout_s: float) -> socket.socket:
        if ":" in address[0]:
            raise OSError("no route")
        return connect(address, timeout_s)

    outbound = Outbound(resolve=network.resolve, open_socket=open_socket, tls=certificate.client)
    assert outbound.send(ASKED).status == 200


def test_nobody_there_is_an_error_in_words(network: Network):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        network.port = taken.getsockname()[1]
        with pytest.raises(OutboundError, match="can't be reached"):
            network.outbound().send(ASKED)


def test_dribbling_out_an_answer_takes_nobody_hostage(network: Network, monkeypatch: pytest.MonkeyPatch):
    """A server that sends a byte every moment keeps each read short; the whole is what is bounded."""
    monkeypatch.setattr(client, "TOTAL_S", 0.5)
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def dribble() -> None:
            stream, _ = listening.accept()
            with stream:
                try:
                    while not ended.wait(0.02):
                        stream.sendall(b"H")
                except OSError:
                    ended.set()  # hung up on

        thread = threading.Thread(target=dribble)
        thread.start()
        port = listening.getsockname()[1]
        outbound = Outbound((f"http://127.0.0.1:{port}",))
        with pytest.raises(OutboundError, match="no whole answer"):
            outbound.send(Request("POST", f"http://127.0.0.1:{port}/", {}, b""))
        thread.join(60)
        assert ended.is_set()


def test_a_listed_origin_is_asked_without_tls_and_though_it_is_private():
    with standing_in() as server:
        assert Outbound((server.origin,)).send(Request("POST", f"{server.origin}/in")).status == 200
        with pytest.raises(OutboundRefused):
            Outbound().send(Request("POST", f"{server.origin}/in"))
        assert len(server.asked) == 1
