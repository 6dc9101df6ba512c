"""Who asks: a person by the session cookie on pages, a token's owner under /api and /git, or nobody.

The cookie is signed, not secret: it holds the user's id, the version of their sessions and when they
signed in. Ending all sessions raises the version, which makes every older cookie worthless.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from flask import g, request, session

from grader.db.base import now
from grader.db.models import ApiToken, Scope, User
from grader.web.service import reading

SESSION_LIFETIME = timedelta(days=7)
BY_TOKEN_ALONE = ("api", "git")  # blueprints for programs


@dataclass(frozen=True)
class Identity:
    """A person who is signed in; `token` is set when a program acts for them."""

    user: User
    token: ApiToken | None = None

    @property
    def may_act_as_staff(self) -> bool:
        """Whether roles of staff count: always for a person, for a token only if its scopes say so."""
        return self.token is None or Scope.STAFF in self.token.scopes.split()


def current_identity() -> Identity | None:
    """Return who makes this request; None for nobody.

    A cookie never counts under /api and /git, which therefore need no protection against forged forms.
    """
    if "identity" not in g:
        g.identity = None if request.blueprint in BY_TOKEN_ALONE else _from_cookie()
    return cast("Identity | None", g.identity)


def set_identity(identity: Identity) -> None:
    """Say who makes this request, for one that proves it in another way than by cookie."""
    g.identity = identity


def start_session(user: User) -> None:
    """Sign this person in: a fresh session that holds nothing from before."""
    session.clear()
    session.permanent = True
    session["user"] = user.id
    session["version"] = user.session_version
    session["since"] = now().timestamp()
    g.pop("identity", None)


def end_session() -> None:
    """Sign out: forget everything this browser's session holds."""
    session.clear()
    g.pop("identity", None)


def _from_cookie() -> Identity | None:
    user_id = session.get("user")
    if user_id is None:
        return None
    age = now() - datetime.fromtimestamp(session["since"], tz=now().tzinfo)
    user = reading().get(User, user_id)
    if user is None or not user.is_active or user.session_version != session["version"]:
        return None
    return Identity(user) if age < SESSION_LIFETIME else None
