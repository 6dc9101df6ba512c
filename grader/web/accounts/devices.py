"""Known devices: a cookie that says "this person has signed in on this browser before", and nothing more.

It signs nobody in. It only keeps failed sign-ins of others on the same network from slowing its owner
down (see `grader.accounts.throttle`).
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from grader.accounts.sign_in import Device
from grader.db.models import User

LIFETIME = timedelta(days=365)


def known_device() -> Device | None:
    """Return what this browser proves to be; None if nobody has signed in on it."""
    try:
        user_id, name = _signer().loads(
            request.cookies.get(_cookie_name(), ""), max_age=int(LIFETIME.total_seconds())
        )
    except BadData:
        return None
    return Device(user_id, name)


def remember_device(response: Response, user: User) -> None:
    """Let the browser prove from now on that this person has signed in on it."""
    response.set_cookie(
        _cookie_name(),
        _signer().dumps([user.id, secrets.token_hex(8)]),
        max_age=LIFETIME,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _cookie_name() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known-device")
