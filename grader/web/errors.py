"""What people see when something does not work: what happened and what to do, in plain words."""

from __future__ import annotations

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from grader.errors import WithheldError
from grader.web.api.problems import problem_response

API_PREFIX = "/api/"

WORDS = {  # status: what happened, what to do
    400: ("That request could not be read", "Go back, load the page again, and try once more."),
    403: (
        "You may not do this",
        "Your account does not have the right to. If you think it should, ask the staff of your course.",
    ),
    404: (
        "There is nothing here for you",
        "The address may be mistyped, or it may belong to someone else. "
        "If you have several accounts, check that you are signed in with the right one.",
    ),
    405: ("That does not work this way", "Go back to the page before and use the buttons there."),
    413: (
        "That file is too big",
        "Nothing was handed in. Leave out data sets, notebooks’ outputs and other large files.",
    ),
    429: ("That was a bit too fast", "Please wait a moment and try again. Nothing is lost."),
    500: (
        "Something went wrong on our side",
        "It is not your fault, and what you handed in before is safe. Please try again in a moment. "
        "If it happens again, tell the staff the number below.",
    ),
    503: ("The service is not ready", "It is starting or being repaired. Please try again in a minute."),
}
WITHHELD = "The grades of this unit are not released yet"
FORGED = (
    "This form has expired",
    "You signed in or out since you opened it, or it has been open for very long. "
    "Go back, load the page again, and try once more.",
)


def install(app: Flask) -> None:
    """Let the app answer every error with a page, and those of /api/ with problem details."""
    app.register_error_handler(HTTPException, _answer)
    app.register_error_handler(Unauthorized, _ask_to_sign_in)
    app.register_error_handler(WithheldError, _say_withheld)


def _answer(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    if request.path.startswith(API_PREFIX):
        return problem_response(error)
    title, advice = FORGED if isinstance(error, CSRFError) else WORDS.get(status, WORDS[500])
    page = render_template(
        "errors/error.html", status=status, title=title, advice=advice, request_id=g.get("request_id")
    )
    return _with_headers(make_response(page, status), error)


def _say_withheld(error: WithheldError) -> AnyResponse:
    page = render_template(
        "errors/error.html",
        status=403,
        title=WITHHELD,
        advice=str(error),
        request_id=g.get("request_id"),
    )
    return make_response(page, 403)


def _ask_to_sign_in(error: Unauthorized) -> AnyResponse:
    if request.path.startswith(API_PREFIX):
        return problem_response(error)
    next_path = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.sign_in", next=next_path), code=303)


def _with_headers(response: Response, error: HTTPException) -> Response:
    """Keep what the error says to programs: Retry-After, Allow."""
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response
