"""Making and revoking one's API tokens."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, make_response, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from grader.accounts import names, tokens
from grader.db.base import now
from grader.db.models import Scope
from grader.web.access import require_user
from grader.web.accounts import blueprint
from grader.web.accounts.account import account_page
from grader.web.service import reading, service


@blueprint.post("/account/tokens")
def create_token() -> Response:
    """Make a token and show its text, this once."""
    user = require_user()
    name = names.normal(request.form.get("name", ""))
    allowed = {scope.value for scope in tokens.scopes_for(reading(), user)}
    scopes = {Scope(scope) for scope in request.form.getlist("scope") if scope in allowed}
    days = request.form.get("days", type=int)
    problems = {}
    if names.problem(name, tokens.MAX_NAME_CHARACTERS):
        problems["name"] = "Please give the token a short name, such as “laptop”."
    if not scopes:
        problems["scope"] = "Please choose what the token may do."
    if days not in tokens.LIFETIMES_DAYS:
        problems["days"] = "Please choose how long the token is good for."
    if problems or days is None:
        return make_response(account_page(user, problems=problems), 422)
    with service().database.writing() as session:
        _, text = tokens.create_token(session, user.id, name, scopes, timedelta(days=days), now())
    return make_response(account_page(user, new_token=text), 201)


@blueprint.post("/account/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> Response:
    """Make one of one's tokens worthless."""
    user = require_user()
    with service().database.writing() as session:
        if not tokens.revoke_token(session, user.id, token_id, now()):
            raise NotFound
    flash("The token is revoked: programs that use it are turned away from now on.", "good")
    return redirect(url_for("accounts.account"), code=303)
