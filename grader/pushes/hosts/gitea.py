"""Gitea, and Forgejo, which sends and takes the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.outbound.client import Request
from grader.pushes.hosts.host import PushEvent, Report, is_hex_hmac, post_json, read_push


class Gitea:
    """Signs with X-Gitea-Signature; its states are ours."""

    name = "Gitea or Forgejo"

    def is_signed(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """See `Host`."""
        return is_hex_hmac(headers.get("x-gitea-signature", ""), body, secret)

    def event(self, headers: Mapping[str, str]) -> str:
        """See `Host`."""
        return headers.get("x-gitea-event", "")

    def delivery(self, headers: Mapping[str, str]) -> str:
        """See `Host`."""
        return headers.get("x-gitea-delivery", "")

    def push(self, payload: Mapping[str, Any]) -> PushEvent:
        """See `Host`."""
        return read_push(payload, "repository", "full_name")

    def credentials(self, token: str) -> tuple[str, str]:
        """See `Host`."""
        return "oauth2", token

    def status_request(self, report: Report, token: str) -> Request:
        """See `Host`."""
        return post_json(
            f"{report.origin}/api/v1/repos/{report.repository}/statuses/{report.commit}",
            {
                "state": report.state.value,
                "target_url": report.target_url,
                "description": report.description,
                "context": report.context,
            },
            {"Authorization": f"token {token}"},
        )
