"""How often a token, a person, and an address without a token may ask in a minute.

Counted in the memory of the web process, like all of `grader.web.limits`. Answers carry the fields RateLimit
and RateLimit-Policy of the IETF's draft, which tell how much is left.
"""

from __future__ import annotations

import math
import time

from flask import g, request
from limits import RateLimitItem, RateLimitItemPerMinute

from grader.web.api.problems import Problem
from grader.web.identity import current_identity
from grader.web.limits import limiter
from grader.web.service import service

TOKENS_AT_FULL_RATE = 2  # a person's tokens together may ask as often as so many of them
MINUTE_S = 60


def count_request() -> None:
    """Count this request, for its token and its person; Problem too-many-requests if it is one too many."""
    allowed = service().settings.api_requests_per_minute
    item, identity = RateLimitItemPerMinute(allowed), current_identity()
    if identity is None or identity.token is None:
        _count(item, f"address {request.remote_addr}", "too-many-requests")
        return
    _count(
        RateLimitItemPerMinute(allowed * TOKENS_AT_FULL_RATE),
        f"user {identity.user.id}",
        "too-many-requests",
    )
    _count(item, f"token {identity.token.id}", "too-many-requests")


def count_upload(user_id: int) -> None:
    """Count a hand-in of this person; Problem too-many-uploads if it is one too many."""
    item = RateLimitItemPerMinute(service().settings.uploads_per_minute)
    _count(item, f"uploads of {user_id}", "too-many-uploads")


def _count(item: RateLimitItem, whose: str, problem: str) -> None:
    if not limiter.enabled:
        return
    is_within = limiter.limiter.hit(item, "api", whose)
    window = limiter.limiter.get_window_stats(item, "api", whose)
    wait_s = min(MINUTE_S, max(1, math.ceil(window.reset_time - time.time())))
    kind = "uploads" if problem == "too-many-uploads" else "requests"
    g.rates = {
        "RateLimit-Policy": f'"{kind}";q={item.amount};w={MINUTE_S}',
        "RateLimit": f'"{kind}";r={window.remaining};t={wait_s}',
    }
    if not is_within:
        raise Problem(problem, headers={"Retry-After": str(wait_s)})
