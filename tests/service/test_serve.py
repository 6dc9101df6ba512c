"""`grader serve`, the real one: a fresh machine becomes a service; whatever is killed comes back."""

import os
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import SandboxUnavailable
from grader.grading import prepared_sandbox
from grader.settings import load_settings
from tests.jobs.workers import wait_until
from tests.service.serving import Serving, serving


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service with its worker and a real sandbox."""
    try:
        prepared_sandbox(None, load_settings(), lambda line: None)
    except SandboxUnavailable as error:
        pytest.skip(f"no sandbox: {error}")
    with serving(tmp_path_factory.mktemp("serve")) as started:
        started.wait_until_ready()
        yield started


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The web server alone; the last test of it ends it."""
    with serving(tmp_path_factory.mktemp("web"), "--no-worker", log_format="json") as started:
        wait_until(lambda: started.get("/healthz")[0] == 200, "the web server answers")
        yield started


class TestWhole:
    def test_a_fresh_machine_is_told_how_to_begin(self, service: Serving):
        assert "grader user add YOU@EXAMPLE.ORG" in service.log
        assert f"serving address={service.address}" in service.log

    def test_pages_are_served(self, service: Serving):
        status, page = service.get("/sign-in")
        assert status == 200 and "<form" in page

    def test_the_worker_comes_back_after_kill_9(self, service: Serving):
        before = service.children()["worker"]
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: service.children().get("worker") not in (None, before), "another worker runs")
        wait_until(lambda: service.get("/readyz")[0] == 200, "it is ready again")
        assert "process_died process=worker" in service.log

    def test_the_web_server_comes_back_after_kill_9(self, service: Serving):
        before = service.children()["web"]
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: service.children().get("web") not in (None, before), "another web server runs")
        wait_until(lambda: service.get("/healthz")[0] == 200, "it answers again")

    def test_at_sigterm_it_finishes_and_leaves_nothing_behind(self, service: Serving):
        wait_until(lambda: service.get("/readyz")[0] == 200, "it is ready")
        children = service.children()
        assert service.stop() == 0
        assert "worker_ended" in service.log
        assert not any(Path(f"/proc/{pid}").exists() for pid in children.values())
        assert service.traces() == ""


class TestWebAlone:
    def test_it_is_alive_but_not_ready(self, web: Serving):
        assert web.get("/healthz")[0] == 200
        assert web.checks()["worker"].startswith("none is alive")

    def test_requests_are_logged_as_chosen(self, web: Serving):
        assert web.get("/sign-in")[0] == 200
        wait_until(lambda: '"path": "/sign-in"' in web.log, "the request is logged")

    def test_its_serving_process_comes_back_after_kill_9(self, web: Serving):
        def pids() -> set[str]:
            return set(Path(f"/proc/{web.process.pid}/task/{web.process.pid}/children").read_text().split())

        (before,) = pids()
        os.kill(int(before), signal.SIGKILL)
        wait_until(lambda: pids() and pids() != {before}, "another process serves")
        wait_until(lambda: web.get("/healthz")[0] == 200, "it answers again")

    def test_forwarding_headers_are_believed_from_nobody(self, web: Serving):
        request = urllib.request.Request(
            f"{web.address}/sign-in",
            headers={"X-Forwarded-For": "192.0.2.66", "X-Forwarded-Proto": "https"},
        )
        with urllib.request.urlopen(request):
            pass
        wait_until(lambda: '"address": "127.0.0.1"' in web.log, "the request is logged")
        assert "192.0.2.66" not in web.log

    def test_a_request_under_way_is_finished_at_sigterm(self, web: Serving):
        host, port = web.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nemail")
            wait_until(lambda: web.get("/healthz")[0] == 200, "the server has taken what came before")
            web.process.send_signal(signal.SIGTERM)
            wait_until(lambda: web.get("/healthz")[0] == 0, "it takes no more connections")
            connection.sendall(b"=me@x")
            assert connection.recv(100).startswith(b"HTTP/1.1 4")
        assert web.process.wait(60) == 0


def test_a_port_in_use_is_told_and_ends_it(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        with serving(tmp_path, "--no-worker", listen=listen) as web:
            assert web.process.wait(60) != 0
    assert "in use" in web.log
    assert web.traces() == ""


def test_a_setting_that_is_wrong_is_told_and_ends_it(tmp_path: Path):
    with serving(tmp_path, "--no-worker", secret_key="short") as web:
        assert web.process.wait(60) == 4
    assert "secret_key: expected 32 characters" in web.log
    assert web.traces() == ""
