"""Signing in and out."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from grader.web.accounts import blueprint
from grader.web.identity import end_session


@blueprint.get("/sign-in")
def sign_in() -> str:
    """Show the form to sign in."""
    return render_template("accounts/sign_in.html")


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this browser's session."""
    end_session()
    flash("You are signed out.")
    return redirect(url_for("accounts.sign_in"), code=303)
