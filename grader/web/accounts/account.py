"""One's own account: name, password, sessions, the connected account, API tokens."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from grader.accounts import names, own_account, passwords, tokens
from grader.accounts.members import units_of
from grader.accounts.sign_in import SignInRefused, sign_in
from grader.db.base import now
from grader.db.models import Scope, User
from grader.git.repositories import address_of
from grader.web.access import require_user
from grader.web.accounts import blueprint
from grader.web.accounts.devices import known_device
from grader.web.identity import start_session
from grader.web.service import reading, service
from grader.web.words import count as counted
from grader.web.words import duration

SCOPE_WORDS = {
    Scope.SUBMIT: ("Hand in", "Hand in, follow and read your own submissions."),
    Scope.STAFF: ("Staff", "Also read the submissions of the courses you teach, and grade them again."),
}


@blueprint.get("/account")
def account() -> str:
    """Show one's account and what can be changed about it."""
    return account_page(require_user())


@blueprint.post("/account/name")
def change_name() -> Response:
    """Change how others here see one called."""
    user = require_user()
    name = names.normal(request.form.get("own_name", ""))
    if problem := names.problem(name):
        return make_response(account_page(user, problems={"own_name": problem}, name=name), 422)
    with service().database.writing() as session:
        own_account.set_name(session, user.id, name)
    flash("Your name is changed.", "good")
    return redirect(url_for("accounts.account"), code=303)


@blueprint.post("/account/password")
def change_password() -> Response:
    """Change the password of someone who knows the present one; ends all other sessions."""
    user = require_user()
    database = service().database
    new = request.form.get("new", "")
    problems = {}
    if weakness := passwords.weakness(new, user.email, user.name):
        problems["new"] = weakness
    elif new != request.form.get("again"):
        problems["again"] = "The two new passwords differ. Please type the same one twice."
    else:
        present = request.form.get("present", "")
        address = request.remote_addr or "unknown"
        checked = sign_in(database, user.email, present, address, known_device())
        if isinstance(checked, SignInRefused):
            wait = f"Too many tries. Please wait {duration(checked.wait_s)}." if checked.wait_s else ""
            problems["present"] = wait or "This is not your present password."
    if problems:
        return make_response(account_page(user, problems=problems), 422)
    with database.writing() as session:
        changed = own_account.set_password(session, user.id, new)
        ended = _revoke_tokens_if_asked(session, user)
    start_session(changed)
    flash(f"Your password is changed. Wherever else you were signed in, you are signed out.{ended}", "good")
    return redirect(url_for("accounts.account"), code=303)


@blueprint.post("/account/sessions/end")
def end_sessions() -> Response:
    """Sign out everywhere else."""
    user = require_user()
    with service().database.writing() as session:
        changed = own_account.end_sessions(session, user.id)
        ended = _revoke_tokens_if_asked(session, user)
    start_session(changed)
    flash(f"You are signed out everywhere but here.{ended}", "good")
    return redirect(url_for("accounts.account"), code=303)


def _revoke_tokens_if_asked(session: Session, user: User) -> str:
    """Revoke the person's API tokens if the form says so; return a sentence on what became of them."""
    if "tokens" not in request.form:
        return ""
    count = tokens.revoke_all_tokens(session, user.id, now())
    return f" {counted(count, 'API token')} revoked." if count else ""


def account_page(
    user: User, problems: dict[str, str] | None = None, new_token: str = "", name: str | None = None
) -> str:
    """Return the page of one's account.

    `new_token` is a token's text, to be shown this once; `name` what was entered as another name.
    """
    settings = service().settings
    with service().database.reading() as session:  # a fresh look: a token may just have been made
        found = tokens.tokens_of(session, user.id)
    return render_template(
        "accounts/account.html",
        user=user,
        problems=problems or {},
        name=user.name if name is None else name,
        tokens=found,
        tokens_in_use=sum(token.expires_at > now() for token in found),
        new_token=new_token,
        now=now(),
        scopes=[(scope, *SCOPE_WORDS[scope]) for scope in tokens.scopes_for(reading(), user)],
        scope_words={scope.value: words[0] for scope, words in SCOPE_WORDS.items()},
        lifetimes=[(days, timedelta(days=days)) for days in tokens.LIFETIMES_DAYS],
        oidc_label=settings.oidc_label if settings.oidc_issuer else "",
        api_url=f"{settings.public_url}/api/v1",
        repositories=[
            (
                f"{course.title}, {unit.title}",
                address_of(settings.public_url, course.slug, unit.slug, user.email),
            )
            for course, unit in units_of(reading(), user.id)
        ],
    )
