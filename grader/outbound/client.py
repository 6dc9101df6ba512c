"""Sending one request to a place, at the very address that was judged, within bounds."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from grader.errors import OutboundError
from grader.outbound.addresses import Resolve, public_addresses, system_resolve
from grader.outbound.places import Place, read_place
from grader.settings import Settings

CONNECT_S = 5.0
TOTAL_S = 12.0  # from the first byte sent to the last one read
MAX_ANSWER_BYTES = 4096
MAX_ADDRESSES = 3  # of a name with many, so many are tried
USER_AGENT = "grader"

OpenSocket = Callable[[tuple[str, int], float], socket.socket]


@dataclass(frozen=True)
class Request:
    """What is sent; `url` as somebody typed it."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and the beginning of the body as text, 4 KiB at the most."""

    status: int
    body: str

    @property
    def is_success(self) -> bool:
        """Whether the status says that all is well. A redirect is not followed, and is none."""
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Location:
    """A place that may be asked, and the addresses that were judged: connect to one of these only."""

    place: Place
    addresses: tuple[str, ...]


class Outbound:
    """Asks other machines. Threads may share one.

    `private_origins` may be asked although they are not public. Tests replace the rest.
    """

    def __init__(
        self,
        private_origins: tuple[str, ...] = (),
        resolve: Resolve = system_resolve,
        open_socket: OpenSocket = socket.create_connection,
        tls: ssl.SSLContext | None = None,
    ):
        self._private_origins = private_origins
        self._resolve = resolve
        self._open_socket = open_socket
        self._tls = tls or ssl.create_default_context()

    def check(self, url: str) -> Place:
        """Return the place; OutboundRefused if its form alone forbids to ask it. Resolves nothing."""
        return read_place(url, self._private_origins)

    def locate(self, url: str) -> Location:
        """Return where the place is now; OutboundRefused if it may not be asked, OutboundError if unknown."""
        place = self.check(url)
        found = self._resolve(place.host.strip("[]"), place.port)
        if place.origin in self._private_origins:
            return Location(place, tuple(found))
        return Location(place, public_addresses(place.host, found))

    def send(self, request: Request) -> Answer:
        """Send the request, return the answer; raises OutboundRefused, and OutboundError if there is none."""
        location = self.locate(request.url)
        ends_at = time.monotonic() + TOTAL_S
        stream = self._connect(location)
        stream.settimeout(TOTAL_S)
        if location.place.scheme == "https":
            stream = self._tls.wrap_socket(
                stream, server_hostname=location.place.host, do_handshake_on_connect=False
            )
        watchdog = threading.Timer(max(0.0, ends_at - time.monotonic()), _hang_up, (stream,))
        watchdog.daemon = True
        watchdog.start()
        try:
            if isinstance(stream, ssl.SSLSocket):
                stream.do_handshake()
            return _ask(stream, location.place, request)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if time.monotonic() >= ends_at:
                raise OutboundError(f"There was no whole answer within {TOTAL_S:.0f} seconds.") from None
            raise OutboundError(f"The connection failed: {_in_words(error)}.") from None
        finally:
            watchdog.cancel()
            stream.close()

    def _connect(self, location: Location) -> socket.socket:
        problem: OSError | None = None
        for address in location.addresses[:MAX_ADDRESSES]:
            try:
                return self._open_socket((address, location.place.port), CONNECT_S)
            except OSError as error:
                problem = error
        raise OutboundError(f"{location.place.host} can't be reached: {_in_words(problem)}.")


def outbound_of(settings: Settings) -> Outbound:
    """Return what asks other machines in this installation."""
    return Outbound(settings.outbound_private_origins)


def _hang_up(stream: socket.socket) -> None:
    """End the connection under whoever reads it, so that dribbling out an answer takes nobody hostage."""
    with contextlib.suppress(OSError):  # it was over already
        socket.socket.shutdown(stream, socket.SHUT_RDWR)  # not TLS's own, which is for its own thread only


def _in_words(error: BaseException | None) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({error.verify_message})"
    return str(error) or type(error).__name__


def _ask(stream: socket.socket, place: Place, request: Request) -> Answer:
    connection = http.client.HTTPConnection(place.host, place.port)
    connection.sock = stream
    headers = {
        "Host": place.authority,
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "identity",
        "Connection": "close",
        **request.headers,
    }
    connection.request(request.method, place.path, body=request.body, headers=headers)
    answer = connection.getresponse()
    return Answer(answer.status, answer.read(MAX_ANSWER_BYTES).decode("utf-8", "replace"))
