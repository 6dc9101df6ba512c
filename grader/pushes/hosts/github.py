"""GitHub, and GitHub Enterprise Server under its own name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.outbound.client import Request
from grader.pushes.hosts.host import PushEvent, Report, is_hex_hmac, post_json, read_push

API_OF_GITHUB_COM = "https://api.github.com"
API_VERSION = "2022-11-28"
MAX_DESCRIPTION_CHARACTERS = 140


class GitHub:
    """Signs with X-Hub-Signature-256; its states are ours."""

    name = "GitHub"

    def is_signed(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        """See `Host`."""
        scheme, _, digest = headers.get("x-hub-signature-256", "").partition("=")
        return is_hex_hmac(digest, body, secret) and scheme == "sha256"

    def event(self, headers: Mapping[str, str]) -> str:
        """See `Host`."""
        return headers.get("x-github-event", "")

    def delivery(self, headers: Mapping[str, str]) -> str:
        """See `Host`."""
        return headers.get("x-github-delivery", "")

    def push(self, payload: Mapping[str, Any]) -> PushEvent:
        """See `Host`."""
        return read_push(payload, "repository", "full_name")

    def credentials(self, token: str) -> tuple[str, str]:
        """See `Host`."""
        return "x-access-token", token

    def status_request(self, report: Report, token: str) -> Request:
        """See `Host`."""
        is_github_com = report.origin == "https://github.com"
        api = API_OF_GITHUB_COM if is_github_com else f"{report.origin}/api/v3"
        return post_json(
            f"{api}/repos/{report.repository}/statuses/{report.commit}",
            {
                "state": report.state.value,
                "target_url": report.target_url,
                "description": report.description[:MAX_DESCRIPTION_CHARACTERS],
                "context": report.context,
            },
            {
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "X-GitHub-Api-Version": API_VERSION,
            },
        )
