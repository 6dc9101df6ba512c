"""HTTP to one service with one token.

What fails on the way, or with 429 or a 5xx status, is tried again with growing pauses, or after as long as
`Retry-After` says; the caller asks only what may be asked twice. No redirect is followed, since it would take
the token along.
"""

from __future__ import annotations

import http.client
import json
import random
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from grader import __version__
from grader.client.configuration import is_this_machine
from grader.client.endings import Ending, Exit, exit_of_problem
from grader.judging.result import Rejection

ROOT = "/api/v1"
ANSWER_TIMEOUT_S = 60.0
STREAM_TIMEOUT_S = 20.0  # the service says every five seconds that it is still there
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
LONGEST_RETRY_AFTER_S = 300.0
MAX_ANSWER_BYTES = 64 * 1024**2
NETWORK_ERRORS = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Answer:
    """What the service answered; `may_be_second`: to a try before, whose answer was lost, it may have too."""

    status: int
    headers: Message[str, str]
    body: bytes
    may_be_second: bool = False

    @property
    def is_good(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """Return the body's JSON object; Ending if it is none: then who answers is not the service."""
        found = _object(self.body)
        if found is None:
            raise Ending(
                Exit.USAGE,
                f"The answer, with status {self.status}, is not a grader's: something else is at this "
                "address, or on the way to it. Give the right address with --server.",
            )
        return found

    def problem(self) -> dict[str, Any]:
        """Return the body's JSON object; {} if it is none, as in the error page of a proxy."""
        return _object(self.body) or {}

    def retry_after_s(self) -> float | None:
        """Return how long to wait before asking again; None if it does not say, or says a date."""
        text = self.headers.get("Retry-After", "")
        return min(float(text), LONGEST_RETRY_AFTER_S) if text.isascii() and text.isdigit() else None


class Service:
    """Asks the service at `server`; `retries` tries more before it counts as unreachable, `tell` says why."""

    def __init__(self, server: str, token: str, retries: int, tell: Callable[[str], None]):
        self.server = server
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": f"grader-client/{__version__}"}
        self._retries = retries
        self._tell = tell
        handlers: list[Any] = [_NoRedirect]
        if is_this_machine(urlsplit(server).hostname or ""):
            handlers.append(urllib.request.ProxyHandler({}))  # else a proxy gets the token in the clear
        self._opener = urllib.request.build_opener(*handlers)

    def get(self, path: str, accept: str = "application/json") -> Answer:
        """Return the answer; Ending if it is no good one, or there is none after all tries."""
        return self._ask(path, None, {"Accept": accept})

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send something that may arrive twice without harm; returns and raises as `get` does."""
        return self._ask(path, body, headers)

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str]) -> Iterator[Iterator[bytes]]:
        """Yield the lines of an answer as they come; one try. urllib's HTTPError, OSError, HTTPException."""
        with self._opener.open(self._request(path, None, headers), timeout=STREAM_TIMEOUT_S) as answer:
            yield iter(answer)

    def pause(self, failures: int, why: str, pause_s: float | None = None) -> None:
        """Wait before the next try, after so many failures in a row; Ending if that was the last."""
        if failures > self._retries:
            raise Ending(Exit.UNREACHABLE, f"{self.server} can't be reached: {why}")
        if pause_s is None:
            pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (failures - 1))
            pause_s += random.uniform(0.0, pause_s / 4)  # clients that failed together come back apart
        self._tell(f"{why}; next try in {pause_s:.0f} s ({failures} of {self._retries})")
        time.sleep(pause_s)

    def _ask(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        failures, may_have_arrived = 0, False
        while True:
            answer, why = self._try(self._request(path, body, headers))
            if answer is not None and answer.is_good:
                return replace(answer, may_be_second=may_have_arrived)
            may_have_arrived |= answer is None or answer.status >= 500
            if answer is not None and answer.status < 500 and answer.status != 429:
                raise ending_of(answer)
            failures += 1
            self.pause(failures, why, None if answer is None else answer.retry_after_s())

    def _try(self, request: urllib.request.Request) -> tuple[Answer | None, str]:
        """Return the answer, if any, and what is wrong with it."""
        try:
            with self._opener.open(request, timeout=ANSWER_TIMEOUT_S) as found:
                return Answer(found.status, found.headers, found.read(MAX_ANSWER_BYTES)), ""
        except urllib.error.HTTPError as error:
            with error:
                answer = Answer(error.code, error.headers, read_error(error))
            return answer, str(answer.problem().get("detail") or f"it answered with status {error.code}")
        except NETWORK_ERRORS as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, ssl.SSLCertVerificationError):
                text = f"{self.server} has no valid certificate: {reason.verify_message}"
                raise Ending(Exit.UNREACHABLE, text) from error
            return None, f"no answer ({reason or type(error).__name__})"
        except UnicodeError as error:
            raise Ending(Exit.USAGE, f"{self.server} is not an address: {error}") from error

    def _request(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> urllib.request.Request:
        return urllib.request.Request(self.server + ROOT + path, body, {**self._headers, **headers})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: urllib then treats the answer as an error."""


def ending_of(answer: Answer) -> Ending:
    """Return what a status of 300 to 499 means."""
    if answer.status < 400:
        place = answer.headers.get("Location", "elsewhere")
        return Ending(Exit.USAGE, f"The service sends us to {place}. Give the right address with --server.")
    problem = answer.problem()
    code = exit_of_problem(answer.status, str(problem.get("code", "")))
    text = str(problem.get("detail") or f"The service answered with status {answer.status}.")
    return Ending(code, text, _rejections(problem) if code is Exit.REJECTED else ())


def _rejections(problem: Mapping[str, Any]) -> tuple[Rejection, ...]:
    listed = problem.get("rejected") or [{"text": problem.get("detail", "The archive is too big.")}]
    return tuple(
        Rejection(str(each.get("code", "rejected")), str(each.get("path", "")), str(each.get("text", "")))
        for each in listed
    )


def read_error(error: urllib.error.HTTPError) -> bytes:
    """Return the body of an answer that urllib takes for an error; b"" if it does not come whole."""
    try:
        return error.read(MAX_ANSWER_BYTES)
    except NETWORK_ERRORS:
        return b""


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
