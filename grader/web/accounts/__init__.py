"""The pages of people: signing in, one's own account, invitations, and who is in a course."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)

from grader.web.accounts import (  # noqa: E402  # they add their routes to the blueprint
    account,
    api_tokens,
    corrections,
    home,
    invitation,
    new_password,
    oidc,
    people,
    people_changes,
    roster,
    sign_in,
)

__all__ = [
    "account",
    "api_tokens",
    "blueprint",
    "corrections",
    "home",
    "invitation",
    "new_password",
    "oidc",
    "people",
    "people_changes",
    "roster",
    "sign_in",
]
