"""Who acts on the staff's desk, as the audit trail wants to know it."""

from __future__ import annotations

from flask import request

from grader.marking.items import Actor
from grader.web.access import CourseAccess


def actor_of(access: CourseAccess) -> Actor:
    """Return the person who asks, with the address that the request came from."""
    return Actor(access.user, request.remote_addr)
