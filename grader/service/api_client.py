"""A small client of this service's HTTP API, as any program could write it."""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.errors import GraderError

TIMEOUT_S = 30.0
NOTHING: Mapping[str, str] = {}

Answer = dict[str, Any]


@dataclass(frozen=True)
class ApiClient:
    """Asks the service at `address` (http://host:port) with one person's token."""

    address: str
    token: str

    def hand_in(self, course: str, unit: str, filename: str, archive: bytes) -> Answer:
        """Hand in; return the API's `Accepted`."""
        boundary = secrets.token_hex(16)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Idempotency-Key": secrets.token_hex(16),
        }
        form = _form(boundary, {"course": course, "unit": unit}, filename, archive)
        return self._ask("/submissions", form, headers)

    def status(self, public_id: str) -> Answer:
        """Return how a submission stands: the API's `SubmissionStatus`."""
        return self._ask(f"/submissions/{public_id}")

    def report(self, public_id: str) -> Answer:
        """Return the report of a graded submission, as far as this person may see it."""
        return self._ask(f"/submissions/{public_id}/report")

    def _ask(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        request = urllib.request.Request(
            f"{self.address}/api/v1{path}",
            data=body,
            headers={"Authorization": f"Bearer {self.token}", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                found: Answer = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            with error:
                said = error.read(2_000).decode(errors="replace")
            raise GraderError(
                f"{request.get_method()} {path} was answered with {error.code}: {said}"
            ) from error
        except OSError as error:
            raise GraderError(f"The service did not answer {path}: {error}") from error


def _form(boundary: str, fields: dict[str, str], filename: str, archive: bytes) -> bytes:
    """Return the body of a form with these fields and the archive."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'Content-Disposition: form-data; name="archive"; filename="{filename}"'
    parts += [f"--{boundary}\r\n{head}\r\n\r\n".encode(), archive, f"\r\n--{boundary}--\r\n".encode()]
    return b"".join(parts)
