"""What git's client is told when something does not work: a line or two of plain text."""

from __future__ import annotations

from flask import Response
from werkzeug.exceptions import HTTPException, Unauthorized

from grader.web.git import blueprint
from grader.web.service import service

WORDS = {
    400: "This address is for git: it speaks git's smart HTTP protocol only.",
    404: "There is no such repository for you. Check its address, and whose token you use.",
    405: "This address is for git: it speaks git's smart HTTP protocol only.",
    408: "The request took too long to come in. Please push again.",
    413: "The request is too large.",
    429: "That was too often within a minute. Please wait a moment and try again.",
    500: "Something went wrong on our side. Please try again in a moment.",
}
UNREAD = (400, 408, 413)  # more of the request's body may come, which nobody will read
CHALLENGE = 'Basic realm="grader", charset="UTF-8"'


class Refusal(HTTPException):
    """A refusal in words of its own."""

    def __init__(self, status: int, text: str, retry_after_s: int | None = None):
        super().__init__(text)
        self.code = status
        self.text = text
        self.retry_after_s = retry_after_s


@blueprint.errorhandler(HTTPException)
@blueprint.errorhandler(Unauthorized)
def answer(error: HTTPException) -> Response:
    """Return the error as text; one of 401 asks for name and token."""
    status = error.code or 500
    text = error.text if isinstance(error, Refusal) else WORDS.get(status, WORDS[500])
    if status == 401 and not isinstance(error, Refusal):
        account = f"{service().settings.public_url}/account"
        text = f"Your name is your e-mail address, the password an API token: {account}"
    response = Response(f"{text}\n", status, mimetype="text/plain")
    if status in UNREAD:
        response.headers["Connection"] = "close"
    if status == 401:
        response.headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, Refusal) and error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response
