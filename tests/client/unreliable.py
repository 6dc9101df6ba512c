"""A stand-in between client and service that loses answers, cuts streams and says no, as it is told."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


@dataclass(frozen=True)
class Asked:
    """A request: what it asked for, and its headers by their names in small letters."""

    method: str
    path: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Fate:
    """What becomes of a request.

    status: answered by us, with `headers` and `body`. is_lost: it reaches the service, its answer
    never comes back. cut_after: so many lines of the answer come through, then the connection ends.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_lost: bool = False
    cut_after: int | None = None


PASS = Fate()


@dataclass
class Unreliable:
    """Forwards to `service`; `fate_of` decides on each request; `asked` remembers all."""

    service: str
    address: str = ""
    fate_of: Callable[[Asked], Fate] = lambda asked: PASS
    asked: list[Asked] = field(default_factory=list)

    def paths(self, method: str) -> list[str]:
        return [asked.path.removeprefix("/api/v1") for asked in self.asked if asked.method == method]


@contextmanager
def unreliable(service: str) -> Iterator[Unreliable]:
    """Stand between, on a free port of loopback, until the end of the block."""
    state = Unreliable(service)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            asked = Asked(
                self.command, self.path, {name.lower(): value for name, value in self.headers.items()}
            )
            state.asked.append(asked)
            fate = state.fate_of(asked)
            if fate.status:
                self.send_response(fate.status)
                for name, value in fate.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(fate.body)
                return
            connection = http.client.HTTPConnection(urlsplit(state.service).netloc, timeout=60)
            connection.request(asked.method, asked.path, body or None, asked.headers)
            answer = connection.getresponse()
            if not fate.is_lost:
                self._forward(answer, fate.cut_after)
            connection.close()

        def _forward(self, answer: http.client.HTTPResponse, cut_after: int | None) -> None:
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.end_headers()
            for number, line in enumerate(answer):
                if number == cut_after:
                    return
                self.wfile.write(line)
                self.wfile.flush()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
