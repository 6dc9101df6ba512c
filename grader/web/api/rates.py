"""How often a token, a person, and an address without a token may ask in a minute.

Counted in the memory of the web process, like all of `grader.web.limits`. Answers carry the fields RateLimit
and RateLimit-Policy of the IETF's draft, which tell how much is left.
"""

from __future__ import annotations

from flask import g, request
from limits import RateLimitItem, RateLimitItemPerMinute

from grader.web import limits
from grader.web.api.problems import Problem
from grader.web.identity import current_identity
from grader.web.limits import MINUTE_S, Counted
from grader.web.service import service

TOKENS_AT_FULL_RATE = 2  # a person's tokens together may ask as often as so many of them


def count_request() -> None:
    """Count this request, for its token and its person; Problem too-many-requests if it is one too many."""
    allowed = service().settings.api_requests_per_minute
    item, identity = RateLimitItemPerMinute(allowed), current_identity()
    if identity is None or identity.token is None:
        _count(item, f"address {request.remote_addr}")
        return
    _count(RateLimitItemPerMinute(allowed * TOKENS_AT_FULL_RATE), f"user {identity.user.id}")
    _count(item, f"token {identity.token.id}")


def count_upload(user_id: int) -> None:
    """Count a hand-in of this person; Problem too-many-uploads if it is one too many."""
    _check(limits.count_upload(user_id), "uploads", "too-many-uploads")


def _count(item: RateLimitItem, whose: str) -> None:
    _check(limits.count(item, f"api {whose}"), "requests", "too-many-requests")


def _check(counted: Counted, kind: str, problem: str) -> None:
    g.rates = {
        "RateLimit-Policy": f'"{kind}";q={counted.limit};w={MINUTE_S}',
        "RateLimit": f'"{kind}";r={counted.left};t={counted.wait_s}',
    }
    if not counted.is_within:
        raise Problem(problem, headers={"Retry-After": str(counted.wait_s)})
