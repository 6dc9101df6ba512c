"""How often one may ask: one limiter, counted per token, else per person, else per address.

Counts are kept in memory, by each web process for itself: they protect the machine from floods. What must
hold exactly (attempts, failed sign-ins) is counted in the database.
"""

from __future__ import annotations

from flask import request
from flask_limiter import Limiter

from grader.web.identity import current_identity
from grader.web.service import service


def _requester() -> str:
    identity = current_identity()
    if identity is None:
        return f"address {request.remote_addr}"
    if identity.token is not None:
        return f"token {identity.token.id}"
    return f"user {identity.user.id}"


def uploads_of_a_person() -> str:
    """Return the limit of hand-ins, for `limiter.limit(uploads_of_a_person, key_func=person)`."""
    return f"{service().settings.uploads_per_minute} per minute"


def api_requests() -> str:
    """Return the limit of API requests, for `limiter.limit(api_requests)`."""
    return f"{service().settings.api_requests_per_minute} per minute"


def person() -> str:
    """Name whom uploads are counted by: the person, whether by page or by whichever token."""
    identity = current_identity()
    return f"address {request.remote_addr}" if identity is None else f"user {identity.user.id}"


limiter = Limiter(_requester, storage_uri="memory://", strategy="moving-window", headers_enabled=True)
