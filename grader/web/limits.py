"""How often one may ask: one limiter, counted per person, else per address.

Counts are kept in memory, by each web process for itself: they protect the machine from floods. What must
hold exactly (attempts, failed sign-ins) is counted in the database. `trusted_proxies` decides which address
an anonymous request comes from.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from flask import request
from flask_limiter import Limiter
from limits import RateLimitItem, RateLimitItemPerMinute

from grader.web.identity import current_identity
from grader.web.service import service

MINUTE_S = 60


def person() -> str:
    """Name whom a request counts for: the person, whether by page or by whichever token, or the address."""
    identity = current_identity()
    return f"address {request.remote_addr}" if identity is None else f"user {identity.user.id}"


@dataclass(frozen=True)
class Counted:
    """What the limiter says of one request: is it within the limit of `limit` a minute, and what is left."""

    is_within: bool
    limit: int
    left: int
    wait_s: int


def count(item: RateLimitItem, whose: str) -> Counted:
    """Count a request under this name, whichever way it came in."""
    if not limiter.enabled:
        return Counted(True, item.amount, item.amount, MINUTE_S)
    is_within = limiter.limiter.hit(item, whose)
    window = limiter.limiter.get_window_stats(item, whose)
    wait_s = min(MINUTE_S, max(1, math.ceil(window.reset_time - time.time())))
    return Counted(is_within, item.amount, window.remaining, wait_s)


def count_upload(user_id: int) -> Counted:
    """Count a hand-in of this person: those by page, by API and by git are counted together."""
    return count(RateLimitItemPerMinute(service().settings.uploads_per_minute), f"uploads of {user_id}")


limiter = Limiter(person, storage_uri="memory://", strategy="moving-window", headers_enabled=True)

# Pages that unpack a hand-in or read all of a unit: together, so often a minute. Nobody reads faster.
heavy = limiter.shared_limit("60 per minute", scope="heavy pages")
# Pictures of a notebook: its page asks for all of them at once.
many = limiter.shared_limit("300 per minute", scope="pictures")
