"""GitLab, as a service or on one's own machine."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from grader.db.base import now
from grader.db.models import CommitState
from grader.outbound.client import Request
from grader.pushes.hosts.host import PushEvent, Report, post_json, read_push
from grader.webhooks.signing import is_recent, is_signed

STATES = {
    CommitState.PENDING: "pending",
    CommitState.SUCCESS: "success",
    CommitState.FAILURE: "failed",
    CommitState.ERROR: "canceled",
}
MAX_DESCRIPTION_CHARACTERS = 255


class GitLab:
    """Sends the secret itself as X-Gitlab-Token, or signs as Standard Webhooks does with a signing token.

    Where a signature is present, it is what counts, and only for a while: one that was kept back is refused.
    """

    name = "GitLab"

    def is_signed(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """See `Host`."""
        if signature := headers.get("webhook-signature"):
            message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
            is_ours = is_signed(secret, signature, message_id, timestamp, body)
            return is_ours and is_recent(timestamp, now().timestamp())
        return hmac.compare_digest(headers.get("x-gitlab-token", "").encode(), secret.encode())

    def event(self, headers: Mapping[str, str]) -> str:
        """See `Host`."""
        event = headers.get("x-gitlab-event", "")
        return "push" if event == "Push Hook" else event

    def delivery(self, headers: Mapping[str, str]) -> str:
        """See `Host`."""
        names = ("webhook-id", "idempotency-key", "x-gitlab-event-uuid")
        return next((headers[name] for name in names if headers.get(name)), "")

    def push(self, payload: Mapping[str, Any]) -> PushEvent:
        """See `Host`."""
        return read_push(payload, "project", "path_with_namespace")

    def credentials(self, token: str) -> tuple[str, str]:
        """See `Host`."""
        return "oauth2", token

    def status_request(self, report: Report, token: str) -> Request:
        """See `Host`."""
        project = quote(report.repository, safe="")
        return post_json(
            f"{report.origin}/api/v4/projects/{project}/statuses/{report.commit}",
            {
                "state": STATES[report.state],
                "target_url": report.target_url,
                "description": report.description[:MAX_DESCRIPTION_CHARACTERS],
                "name": report.context,
            },
            {"PRIVATE-TOKEN": token},
        )
