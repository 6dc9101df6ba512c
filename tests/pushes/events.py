"""What hosts send when somebody pushes, as their documentation has it, signed with a link's secret."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.webhooks.signing import sign
from tests.integrations import SECRET, full


@dataclass(frozen=True)
class Delivery:
    """One request of a host; headers with names as the host writes them."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def as_received(self) -> tuple[dict[str, str], bytes]:
        """Headers with names in lower case, and the body."""
        return {name.lower(): value for name, value in self.headers.items()}, self.body


@dataclass(frozen=True)
class Pushed:
    """A push to be told of."""

    before: str = full("0")
    after: str = full("a1")
    ref: str = "refs/heads/main"
    repository: str = "ada/nn"
    default_branch: str = "main"
    delivery: str = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
    secret: str = SECRET
    age_s: int = 0  # signed so long ago, where the moment is signed
    extra: dict[str, Any] = field(default_factory=dict)


def github(pushed: Pushed) -> Delivery:
    """A push as GitHub tells of it."""
    body = _body(
        pushed,
        repository={
            "id": 1,
            "full_name": pushed.repository,
            "default_branch": pushed.default_branch,
            "clone_url": "http://169.254.169.254/never.git",  # nothing here is ever asked
        },
        deleted=set(pushed.after) == {"0"},
    )
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": pushed.delivery,
        "X-GitHub-Event": "push",
        "X-Hub-Signature-256": f"sha256={hex_hmac(pushed.secret, body)}",
    }
    return Delivery(headers, body)


def gitlab(pushed: Pushed) -> Delivery:
    """A push as GitLab tells of it, with the secret token."""
    body = _gitlab_body(pushed)
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": pushed.delivery,
        "X-Gitlab-Event": "Push Hook",
        "X-Gitlab-Event-UUID": "13792a34-cac6-4fda-95a8-c58e00a3954e",
        "X-Gitlab-Token": pushed.secret,
    }
    return Delivery(headers, body)


def gitlab_signed(pushed: Pushed) -> Delivery:
    """The same with a signing token, after Standard Webhooks."""
    body, signed_at = _gitlab_body(pushed), int(time.time()) - pushed.age_s
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": pushed.delivery,
        "X-Gitlab-Event": "Push Hook",
        "webhook-id": pushed.delivery,
        "webhook-timestamp": str(signed_at),
        "webhook-signature": sign(pushed.secret, pushed.delivery, signed_at, body),
    }
    return Delivery(headers, body)


def gitea(pushed: Pushed) -> Delivery:
    """A push as Gitea and Forgejo tell of it."""
    body = _body(pushed, repository={"full_name": pushed.repository, "default_branch": pushed.default_branch})
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Delivery": pushed.delivery,
        "X-GitHub-Event": "push",
        "X-Gitea-Delivery": pushed.delivery,
        "X-Gitea-Event": "push",
        "X-Gitea-Signature": hex_hmac(pushed.secret, body),
        "X-Hub-Signature-256": f"sha256={hex_hmac(pushed.secret, body)}",
    }
    return Delivery(headers, body)


HOSTS: dict[str, tuple[str, Callable[[Pushed], Delivery]]] = {
    "GitHub": ("github", github),
    "GitLab": ("gitlab", gitlab),
    "GitLab, signing": ("gitlab", gitlab_signed),
    "Gitea": ("gitea", gitea),
}


def hex_hmac(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _gitlab_body(pushed: Pushed) -> bytes:
    return _body(
        pushed,
        object_kind="push",
        event_name="push",
        project={
            "path_with_namespace": pushed.repository,
            "default_branch": pushed.default_branch,
            "git_http_url": "http://169.254.169.254/never.git",
        },
    )


def _body(pushed: Pushed, **content: Any) -> bytes:
    told = {"ref": pushed.ref, "before": pushed.before, "after": pushed.after, "commits": []}
    return json.dumps({**told, **content, **pushed.extra}).encode()
