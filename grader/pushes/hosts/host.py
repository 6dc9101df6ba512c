"""What a kind of host must tell: how deliveries are signed and read, and how a status is reported."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from grader.db.models import CommitState
from grader.outbound.client import Request

JSON = "application/json"


@dataclass(frozen=True)
class PushEvent:
    """A push as its host tells of it: `repository` as `owner/name`, `before` and `after` as commits."""

    repository: str
    default_branch: str
    ref: str
    before: str
    after: str

    @property
    def is_of_default_branch(self) -> bool:
        """Whether it moved the branch that counts."""
        return self.ref == f"refs/heads/{self.default_branch}"


@dataclass(frozen=True)
class Report:
    """What a commit's status shall say, and where: `context` tells our status from those of others."""

    origin: str
    repository: str
    commit: str
    state: CommitState
    description: str
    target_url: str
    context: str


class Host(Protocol):
    """One kind of host. Headers come with their names in lower case."""

    name: str

    def is_signed(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """Whether the delivery was made by who knows the secret; compares in constant time."""

    def event(self, headers: Mapping[str, str]) -> str:
        """Return what it is about: `push`, `ping` (the host tries us out), or anything else."""

    def delivery(self, headers: Mapping[str, str]) -> str:
        """Return the delivery's id, the same if the host sends it again; empty if it has none."""

    def push(self, payload: Mapping[str, Any]) -> PushEvent:
        """Read the payload of a push; KeyError or TypeError if it is none."""

    def credentials(self, token: str) -> tuple[str, str]:
        """Return the user name and password with which git fetches by this token."""

    def status_request(self, report: Report, token: str) -> Request:
        """Return the request that reports a commit's status."""


def read_push(payload: Mapping[str, Any], repository: str, full_name: str) -> PushEvent:
    """Return the push that the payload tells of, from the fields that hosts name differently.

    `repository` is the key of what was pushed to, and `full_name` that of its `owner/name` in there.
    """
    about = payload[repository]
    return PushEvent(
        about[full_name], about["default_branch"], payload["ref"], payload["before"], payload["after"]
    )


def is_hex_hmac(given: str, body: bytes, secret: str) -> bool:
    """Whether this is the body's HMAC-SHA256 in hexadecimal; compares in constant time."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.encode())


def post_json(url: str, content: Mapping[str, str], headers: Mapping[str, str]) -> Request:
    """Return the request that posts this JSON."""
    return Request("POST", url, {"Content-Type": JSON, **headers}, json.dumps(content).encode())
