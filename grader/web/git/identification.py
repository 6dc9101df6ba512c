"""Whose token came with a request of git: as the password of Basic authentication, with its owner's name."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import TooManyRequests, Unauthorized

from grader.accounts.tokens import PREFIX, find_token, note_use
from grader.db.base import now
from grader.web.api.problems import Problem
from grader.web.api.rates import count_request
from grader.web.git.answers import Refusal
from grader.web.identity import Identity, set_identity
from grader.web.service import end_reading, reading, service

NO_TOKEN = "The password is no API token: your account's own password does not work here. Make a token: {}"
INVALID = "There is no such token, or it has expired or was revoked, or the name is not its owner's. See {}"


def identify() -> None:
    """Find out who asks; Unauthorized for nobody. Asking with tokens that don't fit is counted by address."""
    given = request.authorization
    if given is None or given.type != "basic":
        raise Unauthorized  # git's first request never says who asks
    name, password = (given.username or "").strip().lower(), given.password or ""
    account = f"{service().settings.public_url}/account"
    at = now()
    token = find_token(reading(), password, at)
    if token is None or token.user.email != name:
        count()
        raise Refusal(401, (INVALID if password.startswith(PREFIX) else NO_TOKEN).format(account))
    set_identity(Identity(token.user, token))
    count()
    end_reading()  # no connection is held while another one is asked for
    note_use(service().database, token, at)


def count() -> None:
    """Count this request, as one of the API."""
    try:
        count_request()
    except Problem:
        raise TooManyRequests from None
