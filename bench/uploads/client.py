"""A student's program: hands in by the HTTP API and follows the events."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.service.students import COURSE, UNIT

ANSWER_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Upload:
    """A request that is ready to be sent: nothing is left to prepare when the clock runs."""

    token: str
    body: bytes
    boundary: str

    @classmethod
    def prepare(cls, token: str, archive: bytes) -> Upload:
        """Return the request that hands in this archive."""
        boundary = uuid.uuid4().hex
        fields = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in (("course", COURSE), ("unit", UNIT))
        )
        head = (
            f'{fields}--{boundary}\r\nContent-Disposition: form-data; name="archive"; filename="nn.zip"\r\n'
            "Content-Type: application/zip\r\n\r\n"
        )
        return cls(token, head.encode() + archive + f"\r\n--{boundary}--\r\n".encode(), boundary)

    def send(self, address: str) -> Answer:
        """Send it over a fresh connection; time counts from before the connection to the last byte."""
        began_s = time.perf_counter()
        connection = http.client.HTTPConnection(address, timeout=ANSWER_TIMEOUT_S)
        try:
            connection.request("POST", "/api/v1/submissions", self.body, self._headers())
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        took_s = time.perf_counter() - began_s
        return Answer(response.status, took_s, began_s, json.loads(content))

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": f"multipart/form-data; boundary={self.boundary}",
            "Idempotency-Key": self.boundary,
        }


@dataclass(frozen=True)
class Answer:
    """What came back, after how long; `began_s` is the clock's reading when the request began."""

    status: int
    took_s: float
    began_s: float
    content: dict[str, Any]


def follow(address: str, token: str, submission: str) -> Iterator[tuple[float, str]]:
    """Yield when each event of the submission arrived, and its kind, to the result."""
    kind = ""
    while kind != "result":
        connection = http.client.HTTPConnection(address, timeout=ANSWER_TIMEOUT_S)
        try:
            headers = {"Authorization": f"Bearer {token}"}
            connection.request("GET", f"/api/v1/submissions/{submission}/events", headers=headers)
            response = connection.getresponse()
            if response.status != 200:
                raise RuntimeError(f"{response.status}: {response.read().decode()}")
            for line in response:
                if line.startswith(b"event: "):
                    kind = line.decode().removeprefix("event: ").strip()
                    yield time.perf_counter(), kind
        finally:
            connection.close()
