"""Whose token this is."""

from __future__ import annotations

from typing import Any

from grader.web.access import require_identity
from grader.web.api import blueprint
from grader.web.api.values import moment


@blueprint.get("/me")
def show_me() -> dict[str, Any]:
    """Say whose token this is, what it may do and until when."""
    identity = require_identity()
    token = identity.token
    assert token is not None  # nothing else identifies anybody here
    return {
        "name": identity.user.name,
        "email": identity.user.email,
        "is_admin": identity.user.is_admin,
        "token": {
            "name": token.name,
            "prefix": token.prefix,
            "scopes": token.scopes.split(),
            "expires_at": moment(token.expires_at),
        },
    }
