"""Whatever goes wrong, as problem details (RFC 9457): one list of codes, in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify, url_for
from werkzeug.exceptions import HTTPException

from grader.errors import RefusedError, RejectedError, WithheldError
from grader.web.api import blueprint
from grader.web.api.contract import problem_facts

MEDIA_TYPE = "application/problem+json"
OF_STATUS = {
    400: "malformed",
    401: "no-token",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid-request",
    429: "too-many-requests",
}
UNEXPECTED = "internal-error"


class Problem(HTTPException):
    """A problem of the list, raised by its code; `detail` says what it is this time, if that is more."""

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        headers: dict[str, str] | None = None,
        **members: Any,
    ):
        facts = problem_facts(code)
        self.code = facts["status"]
        self.name_of_problem = code
        self.headers = headers or {}
        self.members = members
        super().__init__(detail or facts["text"].replace("`", ""))


@blueprint.errorhandler(HTTPException)
def problem_response(error: HTTPException) -> Response:
    """Return the answer to a request that failed in this way."""
    problem = error if isinstance(error, Problem) else Problem(OF_STATUS.get(error.code or 500, UNEXPECTED))
    code = problem.name_of_problem
    response = jsonify(
        type=f"{url_for('api.show_documentation')}#problem-{code}",
        title=problem_facts(code)["title"],
        status=problem.code,
        code=code,
        detail=problem.description,
        request_id=g.get("request_id"),
        **problem.members,
    )
    response.status_code = problem.code or 500
    response.mimetype = MEDIA_TYPE
    response.headers.update(problem.headers)
    if problem.code == 401:
        response.headers["WWW-Authenticate"] = challenge(code)
    if methods := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(methods))
    return response


@blueprint.errorhandler(RejectedError)
def rejected(error: RejectedError) -> Response:
    """Say why intake refused the archive."""
    reasons = [{"code": r.code, "path": r.path, "text": r.text} for r in error.rejections]
    return problem_response(Problem("rejected", str(error), rejected=reasons))


@blueprint.errorhandler(RefusedError)
def refused(error: RefusedError) -> Response:
    """Say why the course does not take the hand-in."""
    return problem_response(Problem(error.code, str(error)))


@blueprint.errorhandler(WithheldError)
def withheld(error: WithheldError) -> Response:
    """Say that staff release the grades later."""
    return problem_response(Problem("grades-withheld", str(error)))


def challenge(code: str) -> str:
    """Return the WWW-Authenticate header (RFC 6750) that goes with a problem of the token."""
    if code == "no-token":
        return 'Bearer realm="grader"'
    return f'Bearer realm="grader", error="{code.replace("-", "_")}"'
