"""How often one may ask: one limiter, counted per person, else per address.

Counts are kept in memory, by each web process for itself: they protect the machine from floods. What must
hold exactly (attempts, failed sign-ins) is counted in the database. `trusted_proxies` decides which address
an anonymous request comes from.
"""

from __future__ import annotations

from flask import request
from flask_limiter import Limiter

from grader.web.identity import current_identity
from grader.web.service import service


def person() -> str:
    """Name whom a request counts for: the person, whether by page or by whichever token, or the address."""
    identity = current_identity()
    return f"address {request.remote_addr}" if identity is None else f"user {identity.user.id}"


def uploads_of_a_person() -> str:
    """Return the limit of hand-ins, for `limiter.limit(uploads_of_a_person)`."""
    return f"{service().settings.uploads_per_minute} per minute"


limiter = Limiter(person, storage_uri="memory://", strategy="moving-window", headers_enabled=True)
