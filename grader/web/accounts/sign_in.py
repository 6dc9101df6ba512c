"""Signing in and out."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grader.accounts.sign_in import SignInRefused
from grader.accounts.sign_in import sign_in as sign_in_to_account
from grader.web.accounts import blueprint
from grader.web.accounts.devices import known_device, remember_device
from grader.web.accounts.next_page import own_page
from grader.web.identity import current_identity, end_session, start_session
from grader.web.service import service
from grader.web.words import duration

WRONG = "The e-mail address and the password do not belong together. Please check both."


@blueprint.get("/sign-in")
def sign_in() -> str | Response:
    """Show the form to sign in."""
    if current_identity() is not None:
        return redirect(own_page(request.args.get("next")), code=303)
    return _form()


@blueprint.post("/sign-in")
def do_sign_in() -> Response:
    """Sign in with e-mail address and password, and go where the person wanted to."""
    answer = sign_in_to_account(
        service().database,
        request.form.get("email", ""),
        request.form.get("password", ""),
        request.remote_addr or "unknown",
        known_device(),
    )
    if isinstance(answer, SignInRefused):
        return _refused(answer)
    start_session(answer)
    response = redirect(own_page(request.args.get("next")), code=303)
    remember_device(response, answer)
    return response


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this browser's session."""
    end_session()
    flash("You are signed out.")
    return redirect(url_for("accounts.sign_in"), code=303)


def _refused(answer: SignInRefused) -> Response:
    if not answer.wait_s:
        return make_response(_form(WRONG), 422)
    problem = (
        f"Too many sign-ins have failed here. Please wait {duration(answer.wait_s)} and try again. "
        "Nothing is locked: from another network or your usual device you can sign in now."
    )
    response = make_response(_form(problem), 429)
    response.headers["Retry-After"] = str(answer.wait_s)
    return response


def _form(problem: str = "") -> str:
    return render_template(
        "accounts/sign_in.html",
        problem=problem,
        email=request.form.get("email", ""),
        next_page=request.args.get("next"),
        oidc_label=service().settings.oidc_label if service().settings.oidc_issuer else "",
    )
